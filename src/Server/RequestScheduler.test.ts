import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { RequestScheduler } from "./RequestScheduler.js"

const scheduler = new RequestScheduler()
const run = <A>(effect: Effect.Effect<A>) => Effect.runPromise(Effect.withScheduler(effect, scheduler))

it("fibers go on in the order in which they could", async () => {
  const order: Array<number> = []
  const note = (n: number) =>
    Effect.async<void>((resume) => void queueMicrotask(() => resume(Effect.void))).pipe(
      Effect.zipRight(Effect.sync(() => order.push(n)))
    )
  await run(Effect.all([1, 2, 3, 4, 5].map(note), { concurrency: "unbounded", discard: true }))
  assert.deepStrictEqual(order, [1, 2, 3, 4, 5])
})

it("a fiber that never waits lets the event loop go on, and others with it", async () => {
  let turns = 0
  let isOver = false
  const count = () => {
    turns++
    if (!isOver) setImmediate(count)
  }
  setImmediate(count)
  const busy = Effect.iterate(0, { while: (n) => n < 100_000, body: (n) => Effect.succeed(n + 1) })
  const [, , other] = await run(
    Effect.all(
      [busy, Effect.forever(Effect.yieldNow()).pipe(Effect.timeoutOption("50 millis")), Effect.succeed("other")],
      {
        concurrency: "unbounded"
      }
    )
  )
  isOver = true
  assert.strictEqual(other, "other")
  assert.isAbove(turns, 10)
})
