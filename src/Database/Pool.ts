import type { Connection } from "@effect/sql/SqlConnection"
import { SqlError } from "@effect/sql/SqlError"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { AppConfig } from "../Config.js"
import * as Connections from "./Connections.js"
import * as Driver from "./Driver.js"
import { isWorthRepeating } from "./Failure.js"
import * as OwnConnection from "./OwnConnection.js"
import * as Permits from "./Permits.js"
import { Refusals } from "./Refusals.js"
import * as Runner from "./Runner.js"

/**
 * The connections to the bots' database.
 *
 * The driver's adapter is our own, not `MysqlClient.layer` of @effect/sql-mysql2 (whose compiler we use), because that one
 * needs the database up to start, allows several statements in one text, waits for a connection without limit, and
 * leaves an abandoned statement running on the server.
 */
export type PoolOptions = Driver.PoolOptions

interface PoolFigures {
  readonly size: number
  readonly inUse: number
  readonly waiting: number
}

export type { Outcome } from "./Runner.js"

type Observer = (outcome: Runner.Outcome, seconds: number) => void

export class Pool extends Context.Tag("app/Database/Pool")<
  Pool,
  {
    /** Runs each statement on whichever connection is free, within the time limit. */
    readonly shared: Connection
    /**
     * Runs all of the effect's statements on one connection and over one state of the database, that of its start, within
     * one time limit. They may only read.
     */
    readonly snapshot: <A, E, R>(
      self: Effect.Effect<A, E, R>
    ) => Effect.Effect<A, E | SqlError, OwnConnection.Without<R>>
    /** One connection for the length of the scope, closed after it, with no time limit of ours (src/Database/OwnConnection.ts). */
    readonly reserved: Effect.Effect<Connection, SqlError, Scope.Scope>
    readonly figures: () => PoolFigures
    /** Tells one observer how each `shared` statement ends from now on, and its seconds, waiting for a connection included. */
    readonly watch: (observer: Observer) => void
  }
>() {}

/** How the rows of a statement are read that is run in this context (src/Database/Run.ts). */
export class Reading extends Context.Reference<Reading>()("app/Database/Reading", {
  defaultValue: (): Driver.Statement["reader"] => undefined
}) {}

/** What @effect/sql asks of a connection, made from one function that runs a statement. */
const toConnection = (run: (statement: Driver.Statement) => Effect.Effect<unknown, SqlError>): Connection => {
  const raw = (method: Driver.Statement["method"], sql: string, values: ReadonlyArray<unknown>, rowsAsArray = false) =>
    Effect.flatMap(Reading, (reader) => run({ method, sql, values, rowsAsArray, reader }))
  const rows = (...statement: Parameters<typeof raw>) =>
    Effect.map(raw(...statement), (result) => (Array.isArray(result) ? result : []))
  return {
    execute: (sql, values) => rows("execute", sql, values),
    executeRaw: (sql, values) => raw("execute", sql, values),
    executeValues: (sql, values) => rows("execute", sql, values, true),
    executeUnprepared: (sql, values) => rows("query", sql, values),
    // An interrupted stream of mysql2 does not stop. Pages do what a stream would.
    executeStream: () => Stream.dieMessage("The pool does not stream")
  }
}

export const make = (options: PoolOptions): Effect.Effect<typeof Pool.Service, never, Scope.Scope | Refusals> =>
  Effect.gen(function* () {
    const refusals = yield* Refusals
    const permits = Permits.make(options.size)
    const driver = yield* Driver.make(options, refusals.refused)
    const connections = Connections.make(driver, permits, options.size, refusals)
    let observe: Observer = () => {}
    const shared = Runner.make(connections, Duration.toMillis(options.queryTimeout), (...ended) => observe(...ended))

    const inTime = <A, E, R>(self: Effect.Effect<A, E, R>) =>
      // Whoever gives up is let go at once. The permit is free again when the statement has ended on the server too.
      Effect.disconnect(self).pipe(
        Effect.timeoutFail({
          duration: options.queryTimeout,
          onTimeout: () => new SqlError({ message: "The database did not answer in time", cause: "QueryTimeout" })
        })
      )

    const snapshot = <A, E, R>(self: Effect.Effect<A, E, R>) => {
      const attempt = Effect.scoped(
        Effect.flatMap(connections.takeAndGiveBack, (connection) =>
          OwnConnection.provide(
            OwnConnection.inSnapshot(self),
            toConnection((statement) => connections.run(connection, statement))
          )
        )
      )
      const mayRepeat = (error: E | SqlError): error is SqlError => error instanceof SqlError && isWorthRepeating(error)
      return Effect.catchIf(attempt, mayRepeat, () => attempt).pipe(inTime)
    }

    const reserved = Effect.gen(function* () {
      const one = yield* Effect.makeSemaphore(1)
      const connection = yield* connections.takeAndClose
      return toConnection((statement) => one.withPermits(1)(connections.run(connection, statement)))
    })

    const watch = (observer: Observer) => {
      observe = observer
    }

    return { shared: toConnection(shared), snapshot, reserved, figures: permits.figures, watch }
  })

export const layer = Layer.scoped(
  Pool,
  Effect.flatMap(AppConfig, (config) =>
    make({ address: config.database, size: config.poolSize, queryTimeout: config.queryTimeout })
  )
)
