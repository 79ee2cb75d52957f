import * as Effect from "effect/Effect"
import { Kind, kindOf } from "./Event.js"
import type { Interpreter, Wanted } from "./Interpreter.js"

/** How long the process may be kept from other work, in milliseconds. */
const SLICE = 8

/** Lets sockets and timers have their turn, which Effect's own yield does not. */
const breathe = Effect.async<void>((resume) => {
  const turn = setImmediate(() => resume(Effect.void))
  return Effect.sync(() => clearImmediate(turn))
})

function* steps({ inflate, read }: Interpreter, batch: ReadonlyArray<Buffer>): Generator<Wanted | undefined> {
  for (const event of batch) {
    if (kindOf(event) === Kind.PAYLOAD) yield* inflate(event)
    else {
      for (let wanted = read(event); wanted !== undefined; wanted = read(event)) yield wanted
      yield undefined
    }
  }
}

const slice = (left: Generator<Wanted | undefined>): "done" | "more" | { readonly wanted: Wanted } => {
  const until = performance.now() + SLICE
  do {
    const { done, value } = left.next()
    if (done === true) return "done"
    if (value !== undefined) return { wanted: value }
  } while (performance.now() < until)
  return "more"
}

/** Reads the events in slices of time, and looks at what they have brought after each. */
export const read = <E, E2>(
  interpreter: Interpreter,
  batch: ReadonlyArray<Buffer>,
  publish: Effect.Effect<void, E>,
  learn: (wanted: Wanted) => Effect.Effect<void, E2>
): Effect.Effect<void, E | E2> => {
  const left = steps(interpreter, batch)
  const rest: Effect.Effect<void, E | E2> = Effect.suspend(() => {
    const next = slice(left)
    if (next === "done") return publish
    const between = next === "more" ? breathe : learn(next.wanted)
    return Effect.zipRight(Effect.zipRight(publish, between), rest)
  })
  return rest
}
