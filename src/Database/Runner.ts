import { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { Connections } from "./Connections.js"
import type { Done, Statement } from "./Driver.js"
import { isUnavailable, isWorthRepeating } from "./Failure.js"

/** How a statement ended, for whoever asked. */
export type Outcome = "ok" | "unavailable" | "failed" | "interrupted"

const outcomeOf = Either.match({
  onLeft: (error: SqlError): Outcome => (isUnavailable(error) ? "unavailable" : "failed"),
  onRight: (): Outcome => "ok"
})

const tooLate = () => new SqlError({ message: "The database did not answer in time", cause: "QueryTimeout" })

const nothing = () => {}

/**
 * Runs one statement on whichever connection is free, within a time limit: it takes a permit and a connection, runs the
 * statement, and gives both back. Every request goes through here, so it is one step for Effect, over callbacks. With a
 * fiber, a scope and a timer of Effect's for each part it took as long as the driver's own work.
 *
 * Whoever gives up is let go at once. The permit is free again when the statement has ended on the server too.
 */
export const make =
  (connections: Connections, limitMillis: number, observe: (outcome: Outcome, seconds: number) => void) =>
  (statement: Statement): Effect.Effect<unknown, SqlError> =>
    Effect.async((resume) => {
      const startedAt = performance.now()
      let isOver = false
      let giveUp = nothing

      const end = (outcome: Outcome) => {
        isOver = true
        clearTimeout(timer)
        observe(outcome, (performance.now() - startedAt) / 1000)
      }
      const finish: Done<unknown> = (result) => {
        end(outcomeOf(result))
        resume(result)
      }

      const attempt = (isLast: boolean): void => {
        const leave: Done<unknown> = (result) => {
          // A connection that the server closed while it was idle fails on its next use. That says nothing about the
          // database, and each of our statements may be run twice.
          if (Either.isLeft(result) && !isLast && isWorthRepeating(result.left)) attempt(true)
          else finish(result)
        }
        // A connection that is idle comes at once, before there is anything to stop.
        let stop = nothing
        giveUp = () => stop()
        const stopWaiting = connections.unsafeTake((taken) => {
          if (Either.isLeft(taken)) return leave(taken)
          stop = connections.unsafeRun(taken.right, statement, leave)
        })
        if (stop === nothing) stop = stopWaiting
      }

      const timer = setTimeout(() => {
        finish(Either.left(tooLate()))
        giveUp()
      }, limitMillis)
      attempt(false)

      return Effect.sync(() => {
        if (isOver) return
        end("interrupted")
        giveUp()
      })
    })
