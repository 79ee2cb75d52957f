import type { Connection } from "@effect/sql/SqlConnection"
import { SqlError } from "@effect/sql/SqlError"
import { Cause, Context, Effect, Exit, Layer, Option, type Scope, Stream } from "effect"
import { AppConfig } from "../Config.js"
import * as Driver from "./Driver.js"
import { isConnectionLost, isUnavailable } from "./Failure.js"
import * as Places from "./Places.js"

/**
 * The connections to the bots' database.
 *
 * The driver's adapter is our own, not `MysqlClient.layer` of @effect/sql-mysql2 (whose compiler we use), because that one
 * needs the database up to start, allows several statements in one text, waits for a connection without limit, and
 * leaves an abandoned statement running on the server.
 */
export type PoolOptions = Driver.PoolOptions

export interface PoolFigures {
  readonly size: number
  readonly inUse: number
  readonly waiting: number
}

/** How a statement ended, for whoever asked. */
export type Outcome = "ok" | "unavailable" | "failed" | "interrupted"

export type Observer = (outcome: Outcome, seconds: number) => void

export class Pool extends Context.Tag("app/Database/Pool")<
  Pool,
  {
    /** Runs each statement on whichever connection is free, within the time limit. */
    readonly shared: Connection
    /** One connection for the length of the scope, closed after it, with no time limit of ours: for migrations. */
    readonly reserved: Effect.Effect<Connection, SqlError, Scope.Scope>
    readonly figures: () => PoolFigures
    /** Tells one observer of each `shared` statement from now on: its end, and its time, waiting for a connection included. */
    readonly watch: (observer: Observer) => void
  }
>() {}

const outcomeOf = (exit: Exit.Exit<unknown, SqlError>): Outcome =>
  Exit.match(exit, {
    onSuccess: () => "ok",
    onFailure: (cause) =>
      Cause.isInterruptedOnly(cause)
        ? "interrupted"
        : Option.exists(Cause.failureOption(cause), isUnavailable)
          ? "unavailable"
          : "failed"
  })

/** What @effect/sql asks of a connection, in terms of one way to run a statement. */
const toConnection = (run: (statement: Driver.Statement) => Effect.Effect<unknown, SqlError>): Connection => {
  const raw = (method: Driver.Statement["method"], sql: string, values: ReadonlyArray<unknown>, rowsAsArray = false) =>
    run({ method, sql, values, rowsAsArray })
  const rows = (...statement: Parameters<typeof raw>) =>
    Effect.map(raw(...statement), (result) => (Array.isArray(result) ? result : []))
  return {
    execute: (sql, values) => rows("execute", sql, values),
    executeRaw: (sql, values) => raw("execute", sql, values),
    executeValues: (sql, values) => rows("execute", sql, values, true),
    executeUnprepared: (sql, values) => rows("query", sql, values),
    // An interrupted stream of mysql2 does not stop; pages do what a stream would.
    executeStream: () => Stream.dieMessage("The pool does not stream")
  }
}

export const make = (options: PoolOptions): Effect.Effect<typeof Pool.Service, never, Scope.Scope> =>
  Effect.gen(function* () {
    const driver = yield* Driver.make(options)
    const places = yield* Places.make(options.size)
    let observe: Observer = () => {}

    const observed = <A>(self: Effect.Effect<A, SqlError>): Effect.Effect<A, SqlError> =>
      Effect.suspend(() => {
        const startedAt = performance.now()
        return Effect.onExit(self, (exit) =>
          Effect.sync(() => observe(outcomeOf(exit), (performance.now() - startedAt) / 1000))
        )
      })

    const once = (statement: Driver.Statement) =>
      Effect.scoped(
        Effect.zipRight(
          places.take,
          Effect.acquireUseRelease(
            driver.connect,
            (connection) => driver.run(connection, statement),
            (connection) => Effect.sync(() => connection.release())
          )
        )
      )

    const shared = (statement: Driver.Statement) => {
      const attempt = once(statement)
      // A connection that the server closed while it lay idle fails on its next use: that says nothing about the
      // database, and each of our statements may be run twice.
      return Effect.catchIf(attempt, isConnectionLost, () => attempt).pipe(
        // Whoever gives up is let go at once; the place is free again when the statement has ended on the server too.
        Effect.disconnect,
        Effect.timeoutFail({
          duration: options.queryTimeout,
          onTimeout: () => new SqlError({ message: "The database did not answer in time", cause: "QueryTimeout" })
        }),
        observed
      )
    }

    const reserved = Effect.gen(function* () {
      const one = yield* Effect.makeSemaphore(1)
      yield* places.take
      // Closed, not released: it may have settings of its own by then.
      const connection = yield* Effect.acquireRelease(driver.connect, (connection) =>
        Effect.sync(() => connection.destroy())
      )
      return toConnection((statement) => one.withPermits(1)(driver.run(connection, statement)))
    })

    const watch = (observer: Observer) => {
      observe = observer
    }

    return { shared: toConnection(shared), reserved, figures: places.figures, watch }
  })

export const layer = Layer.scoped(
  Pool,
  Effect.flatMap(AppConfig, (config) =>
    make({ address: config.database, size: config.poolSize, queryTimeout: config.queryTimeout })
  )
)
