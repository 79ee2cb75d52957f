import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import type mysql from "mysql2"
import type { Abandon, Done, Driver, Statement } from "./Driver.js"
import { isConnectionSpent, isRefused } from "./Failure.js"
import { exhausted, type Permits } from "./Permits.js"
import type { Refusals } from "./Refusals.js"

/**
 * Connections as they are lent: each with a permit, and taken back with it. Where the server has fewer for us than there are
 * permits, who was refused waits for one of those that we have.
 */
export type Connections = ReturnType<typeof make>

export const make = (driver: Driver, permits: Permits, size: number, refusals: typeof Refusals.Service) => {
  /** Gives back what is whole. A connection that an error has spent is closed. */
  const giveBack = (connection: mysql.Connection, result: Either.Either<unknown, SqlError> = Either.void): void => {
    if (Either.isLeft(result) && isConnectionSpent(result.left)) driver.close(connection)
    else driver.giveBack(connection)
    permits.release()
  }

  const close = (connection: mysql.Connection): void => {
    driver.close(connection)
    permits.release()
  }

  /** Calls with a connection, or with why there is none. Returns what stops waiting for it. */
  const unsafeTake = (done: Done<mysql.Connection>): (() => void) => {
    let isGone = false
    let leaveQueue: (() => void) | undefined
    const connect = () => {
      leaveQueue = undefined
      driver.connect((connected) => {
        if (Either.isRight(connected)) return isGone ? giveBack(connected.right) : done(connected)
        const others = driver.count()
        const mayWait = isRefused(connected.left) && others > 0
        if (mayWait) {
          permits.limitTo(others)
          refusals.noMore(others, size, connected.left)
        } else refusals.refused(connected.left)
        permits.release()
        if (isGone) return
        if (mayWait) start()
        else done(connected)
      })
    }
    const start = () => {
      if (permits.tryTake()) return connect()
      leaveQueue = permits.wait(connect)
      if (leaveQueue === undefined) done(Either.left(exhausted()))
    }
    start()
    return () => {
      isGone = true
      leaveQueue?.()
    }
  }

  /**
   * Runs a statement on a connection that was taken, and gives that back. What is abandoned is closed; so is a connection on
   * which more rows would come than the statement's reader wants.
   */
  const unsafeRun = (connection: mysql.Connection, statement: Statement, done: Done<unknown>): (() => void) => {
    let isAbandoned = false
    let isEnough = false
    const abandon = driver.run(
      connection,
      statement,
      (result) => {
        giveBack(connection, result)
        done(result)
      },
      (rows) => {
        isEnough = true
        abandon(() => {
          permits.release()
          if (!isAbandoned) done(Either.right(rows))
        })
      }
    )
    return () => {
      isAbandoned = true
      if (!isEnough) abandon(permits.release)
    }
  }

  const taken = Effect.async<mysql.Connection, SqlError>((resume) => {
    let mine: mysql.Connection | undefined
    const leave = unsafeTake((result) => {
      mine = Either.getOrUndefined(result)
      resume(result)
    })
    // The interruption may come between the turn and the fiber that waited for it.
    return Effect.sync(() => (mine === undefined ? leave() : giveBack(mine)))
  })

  /** A connection for the length of the scope; waiting for it can be interrupted. */
  const take = (
    release: (connection: mysql.Connection, exit: Exit.Exit<unknown, unknown>) => void
  ): Effect.Effect<mysql.Connection, SqlError, Scope.Scope> =>
    Effect.uninterruptibleMask((restore) =>
      Effect.tap(restore(taken), (connection) =>
        Effect.addFinalizer((exit) => Effect.sync(() => release(connection, exit)))
      )
    )

  /** Closed after the scope: it may have settings of its own by then. */
  const takeAndClose = take(close)

  /** Given back after the scope. One that ends in the middle is closed: nobody has to know what it left behind. */
  const takeAndGiveBack = take((connection, exit) => (Exit.isSuccess(exit) ? giveBack(connection) : close(connection)))

  const run = (connection: mysql.Connection, statement: Statement): Effect.Effect<unknown, SqlError> =>
    Effect.async((resume) => {
      const abandon: Abandon = driver.run(connection, statement, resume)
      return Effect.async<void>((resume) => abandon(() => resume(Effect.void)))
    })

  return { unsafeTake, unsafeRun, takeAndClose, takeAndGiveBack, run } as const
}
