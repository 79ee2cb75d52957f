import { SqlError } from "@effect/sql/SqlError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { ParseError } from "effect/ParseResult"
import { ServiceUnavailable } from "../Domain/Errors.js"
import type { BotTables } from "./BotTables.js"
import { orUnavailable, speaksOfTables } from "./Failure.js"

/** Whether the service may answer from the database yet. */
export type State =
  /** The reason is told to whoever asks: it holds nothing that the database said. */
  | {
      readonly _tag: "Waiting"
      readonly reason: string
      /** What an administrator pastes to mend it: for the probe, and not for answers. */
      readonly remedy?: string
    }
  | {
      readonly _tag: "Ready"
      /** For as long as they keep their shape, they are the same object. */
      readonly tables: BotTables
      readonly shape: string
      /** What is wrong with the tables, though all can be answered: in words for the operator. */
      readonly reasons: ReadonlyArray<string>
    }

/** Found out in the background, from the start on (src/Startup/Startup.ts). */
export class Readiness extends Context.Tag("app/Database/Readiness")<
  Readiness,
  {
    readonly state: Effect.Effect<State>
    /** The bots' tables as last seen, or 503 while the service isn't ready. */
    readonly tables: Effect.Effect<BotTables, ServiceUnavailable>
    /**
     * What is made of the bots' tables as last seen. Where an error of the database says that they are not so any more, they
     * are looked at, and it is made once more of what is there now. Otherwise as `orUnavailable`.
     */
    readonly ask: <A, E, R>(
      make: (tables: BotTables) => Effect.Effect<A, E, R>
    ) => Effect.Effect<A, Exclude<E, SqlError | ParseError> | ServiceUnavailable, R>
  }
>() {}

const notReady = (reason: string) =>
  new ServiceUnavailable({ message: `The service is not ready: ${reason}. Try again soon.` })

const isOfTables = (error: unknown): error is SqlError => error instanceof SqlError && speaksOfTables(error)

/** The service, as this state has it at each moment, and what looks at the tables and sets the state. */
export const make = (
  state: Effect.Effect<State>,
  lookAgain: Effect.Effect<void, SqlError>
): typeof Readiness.Service => {
  const tables = Effect.flatMap(state, (current) =>
    current._tag === "Ready" ? Effect.succeed(current.tables) : notReady(current.reason)
  )
  const ask = <A, E, R>(make: (tables: BotTables) => Effect.Effect<A, E, R>) => {
    const attempt = (seen: BotTables, before?: BotTables): Effect.Effect<A, E | SqlError | ServiceUnavailable, R> =>
      Effect.catchAll(make(seen), (error) =>
        // Twice over tables of the same shape: then it is not their fault.
        isOfTables(error) && seen !== before
          ? lookAgain.pipe(
              Effect.zipRight(tables),
              Effect.flatMap((now) => attempt(now, seen))
            )
          : Effect.fail(error)
      )
    return orUnavailable(Effect.flatMap(tables, (seen) => attempt(seen)))
  }
  return { state, tables, ask }
}
