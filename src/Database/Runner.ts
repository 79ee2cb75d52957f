import { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { Done, Driver, Statement } from "./Driver.js"
import { isUnavailable, isWorthRepeating } from "./Failure.js"
import { exhausted, type Permits } from "./Permits.js"

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
  (driver: Driver, permits: Permits, limitMillis: number, observe: (outcome: Outcome, seconds: number) => void) =>
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
          giveUp = nothing
          permits.release()
          if (isOver) return
          // A connection that the server closed while it was idle fails on its next use. That says nothing about the
          // database, and each of our statements may be run twice.
          if (Either.isLeft(result) && !isLast && isWorthRepeating(result.left)) attempt(true)
          else finish(result)
        }
        const run = () => {
          giveUp = nothing
          driver.unsafeConnect((connected) => {
            if (Either.isLeft(connected)) return leave(connected)
            const connection = connected.right
            const release: Done<unknown> = (result) => {
              connection.release()
              leave(result)
            }
            // Nobody waits any more.
            if (isOver) return release(Either.void)
            const abandon = driver.unsafeRun(connection, statement, release)
            giveUp = () => abandon(permits.release)
          })
        }
        if (permits.tryTake()) run()
        else {
          const leaveQueue = permits.wait(run)
          if (leaveQueue === undefined) finish(Either.left(exhausted()))
          else giveUp = leaveQueue
        }
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
