import type { Connection } from "@effect/sql/SqlConnection"
import { SqlError } from "@effect/sql/SqlError"
import { Context, Duration, Effect, Layer, Redacted, type Scope, Stream } from "effect"
import mysql from "mysql2"
import { AppConfig, type DatabaseAddress } from "../Config.js"
import { isConnectionLost } from "./Failure.js"

/**
 * The connections to the bots' database.
 *
 * The driver's adapter is our own, not `MysqlClient.layer` of @effect/sql-mysql2 (whose compiler we use), because that one
 * needs the database up to start, allows several statements in one text, waits for a connection without limit, and
 * leaves an abandoned statement running on the server.
 */
export interface PoolOptions {
  readonly address: DatabaseAddress
  readonly size: number
  /** How long one statement may take, waiting for a connection included. */
  readonly queryTimeout: Duration.Duration
}

export interface PoolFigures {
  readonly size: number
  readonly inUse: number
  readonly waiting: number
}

export class Pool extends Context.Tag("app/Database/Pool")<
  Pool,
  {
    /** Runs each statement on whichever connection is free, within the time limit. */
    readonly shared: Connection
    /** One connection for the length of the scope, with no time limit: for migrations. */
    readonly reserved: Effect.Effect<Connection, SqlError, Scope.Scope>
    readonly figures: () => PoolFigures
  }
>() {}

/** How many statements may wait for each connection before more are refused at once. */
const WAITING_PER_CONNECTION = 20

const CONNECT_TIMEOUT = Duration.seconds(3)

/**
 * Every session works in UTC, in the SQL mode that our texts are written for, and ends a statement itself when its time
 * is up. The comments are read by one server each: `!80000` by MySQL, `M!` by MariaDB.
 */
const sessionSettings = (queryTimeout: Duration.Duration) => {
  const millis = Math.ceil(Duration.toMillis(queryTimeout))
  return `SET SESSION time_zone = '+00:00',
    sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'
    /*!80000 , max_execution_time = ${millis} */
    /*M!100108 , max_statement_time = ${millis / 1000} */`
}

const connectionOptions = ({ address }: PoolOptions): mysql.ConnectionOptions => ({
  host: address.host,
  port: address.port,
  database: address.database,
  user: address.username,
  password: Redacted.value(address.password),
  connectTimeout: Duration.toMillis(CONNECT_TIMEOUT),
  // DATETIME stays the text that the column holds, and JSON the text that was stored: nothing is rounded on the way.
  dateStrings: true,
  jsonStrings: true,
  timezone: "Z",
  supportBigNumbers: true,
  charset: "utf8mb4",
  disableEval: true,
  maxPreparedStatements: 200,
  flags: ["-MULTI_STATEMENTS"],
  enableKeepAlive: true,
  keepAliveInitialDelay: 10_000,
  ...(address.tls === "off"
    ? {}
    : { ssl: { rejectUnauthorized: address.tls === "verify", verifyIdentity: address.tls === "verify" } })
})

const sqlError = (message: string) => (cause: unknown) => new SqlError({ message, cause })

type Method = "execute" | "query"

export const make = (options: PoolOptions): Effect.Effect<typeof Pool.Service, never, Scope.Scope> =>
  Effect.gen(function* () {
    const settings = sessionSettings(options.queryTimeout)
    const pool = yield* Effect.acquireRelease(
      Effect.sync(() =>
        mysql.createPool({
          ...connectionOptions(options),
          connectionLimit: options.size,
          // Fewer would close idle connections every second and open them again.
          maxIdle: options.size
        })
      ),
      (pool) =>
        Effect.async<void>((resume) => pool.end(() => resume(Effect.void))).pipe(
          // A frozen server answers no farewell.
          Effect.timeout(Duration.seconds(1)),
          Effect.ignore
        )
    )
    pool.on("connection", (connection) => {
      // Queued ahead of the statement that the connection was opened for.
      connection.query(settings, (error) => {
        if (error) connection.destroy()
      })
    })

    const permits = yield* Effect.makeSemaphore(options.size)
    let inUse = 0
    let waiting = 0

    /** Ends on the server what nobody waits for any more: closing the socket alone would let it run on. */
    const kill = (threadId: number) => {
      const control = mysql.createConnection(connectionOptions(options))
      const timer = setTimeout(() => control.destroy(), Duration.toMillis(CONNECT_TIMEOUT))
      const close = () => {
        clearTimeout(timer)
        control.destroy()
      }
      control.on("error", close)
      control.query(`KILL ${Math.trunc(threadId)}`, close)
    }

    const abandon = (connection: mysql.PoolConnection) => {
      const threadId = connection.threadId
      connection.destroy()
      if (threadId) kill(threadId)
    }

    const run = (
      connection: mysql.PoolConnection,
      method: Method,
      sql: string,
      values: ReadonlyArray<unknown>,
      rowsAsArray: boolean
    ) =>
      Effect.async<unknown, SqlError>((resume) => {
        let done = false
        const finish = (cause: unknown, result: unknown) => {
          done = true
          resume(cause ? Effect.fail(sqlError("The statement failed")(cause)) : Effect.succeed(result))
        }
        // The driver types want mutable arrays of its own value type; it checks the values itself when it binds them.
        connection[method]({ sql, values: values as Array<string>, rowsAsArray }, finish)
        return Effect.sync(() => {
          if (!done) abandon(connection)
        })
      })

    const connect = Effect.async<mysql.PoolConnection, SqlError>((resume) => {
      let wanted = true
      pool.getConnection((cause, connection) => {
        if (cause) resume(Effect.fail(sqlError("The database does not accept a connection")(cause)))
        else if (wanted) resume(Effect.succeed(connection))
        else connection.release()
      })
      return Effect.sync(() => {
        wanted = false
      })
    })

    const release = (connection: mysql.PoolConnection) => Effect.sync(() => connection.release())

    /** Waits for one of the pool's places, first come first served, unless too many wait already. */
    const withPlace = <A>(use: Effect.Effect<A, SqlError>): Effect.Effect<A, SqlError> =>
      Effect.suspend(() => {
        if (inUse >= options.size && waiting >= options.size * WAITING_PER_CONNECTION) {
          return new SqlError({ message: "Too many statements wait for the database", cause: "PoolExhausted" })
        }
        waiting++
        let queued = true
        const leaveQueue = () => {
          if (queued) waiting--
          queued = false
        }
        const used = Effect.suspend(() => {
          leaveQueue()
          inUse++
          return Effect.ensuring(
            use,
            Effect.sync(() => {
              inUse--
            })
          )
        })
        return Effect.ensuring(permits.withPermits(1)(used), Effect.sync(leaveQueue))
      })

    const limited = <A>(statement: Effect.Effect<A, SqlError>) =>
      Effect.timeoutFail(statement, {
        duration: options.queryTimeout,
        onTimeout: () => new SqlError({ message: "The database did not answer in time", cause: "QueryTimeout" })
      })

    const once = (method: Method, sql: string, values: ReadonlyArray<unknown>, rowsAsArray: boolean) =>
      withPlace(
        Effect.acquireUseRelease(
          connect,
          (connection) => run(connection, method, sql, values, rowsAsArray),
          (connection) => release(connection)
        )
      )

    // A connection that the server closed while it lay idle fails on its next use: that says nothing about the database,
    // and each of our statements may be run twice.
    const statement = (method: Method, sql: string, values: ReadonlyArray<unknown>, rowsAsArray = false) => {
      const attempt = once(method, sql, values, rowsAsArray)
      return limited(Effect.catchIf(attempt, isConnectionLost, () => attempt))
    }

    const toConnection = (
      raw: (
        method: Method,
        sql: string,
        values: ReadonlyArray<unknown>,
        rowsAsArray?: boolean
      ) => Effect.Effect<unknown, SqlError>
    ): Connection => {
      const rows = (method: Method, sql: string, values: ReadonlyArray<unknown>, rowsAsArray = false) =>
        Effect.map(raw(method, sql, values, rowsAsArray), (result) => (Array.isArray(result) ? result : []))
      return {
        execute: (sql, params) => rows("execute", sql, params),
        executeRaw: (sql, params) => raw("execute", sql, params),
        executeValues: (sql, params) => rows("execute", sql, params, true),
        executeUnprepared: (sql, params) => rows("query", sql, params),
        // An interrupted stream of mysql2 does not stop; pages do what a stream would.
        executeStream: () => Stream.dieMessage("The pool does not stream")
      }
    }

    const reserved = Effect.gen(function* () {
      const place = yield* Effect.makeSemaphore(1)
      yield* Effect.acquireRelease(permits.take(1), () => permits.release(1))
      const connection = yield* Effect.acquireRelease(connect, release)
      return toConnection((method, sql, values, rowsAsArray = false) =>
        place.withPermits(1)(run(connection, method, sql, values, rowsAsArray))
      )
    })

    return {
      shared: toConnection(statement),
      reserved,
      figures: () => ({ size: options.size, inUse, waiting })
    }
  })

export const layer = Layer.scoped(
  Pool,
  Effect.flatMap(AppConfig, (config) =>
    make({ address: config.database, size: config.poolSize, queryTimeout: config.queryTimeout })
  )
)
