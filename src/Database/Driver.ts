import type { Row } from "@effect/sql/SqlConnection"
import { SqlError } from "@effect/sql/SqlError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import mysql from "mysql2"
import type { DatabaseAddress } from "../Config.js"
import { isNotPrepared } from "./Failure.js"
import { connectionOptions, sessionSettings } from "./Session.js"

/**
 * mysql2: connections that are ready for use, and statements that end when nobody waits for them any more. It has callbacks
 * for what each request goes through, and effects made of them (src/Database/Connections.ts).
 *
 * The pool of mysql2 is not used: it either keeps every connection that it ever had, or closes those of a rush each second.
 */
export interface Driver {
  /** Gives a connection that is idle, or opens one. */
  readonly connect: (done: Done<mysql.Connection>) => void
  /** Keeps the connection for the next who needs one. */
  readonly giveBack: (connection: mysql.Connection) => void
  readonly close: (connection: mysql.Connection) => void
  /** `enough` is called where the statement's reader wants no more rows; unless it is abandoned then, `done` comes after the last. */
  readonly run: (
    connection: mysql.Connection,
    statement: Statement,
    done: Done<unknown>,
    enough?: (rows: ReadonlyArray<Row>) => void
  ) => Abandon
  /** How many connections there are, those that are being opened included. */
  readonly count: () => number
}

/** Called once. Never called for what was abandoned. */
export type Done<A> = (result: Either.Either<A, SqlError>) => void

/** Closes the statement's connection, and calls when the statement has ended on the server too. */
export type Abandon = (ended: () => void) => void

/** Takes the rows of one run of a statement as they come, so that no more of them are kept than it wants. */
export interface RowReader {
  /** Whether it wants more. What comes all the same is to be ignored. */
  readonly take: (row: Row) => boolean
  /** What it has kept. */
  readonly rows: ReadonlyArray<Row>
}

export interface Statement {
  /** Prepared on the server, or sent as text. */
  readonly method: "execute" | "query"
  readonly sql: string
  readonly values: ReadonlyArray<unknown>
  readonly rowsAsArray: boolean
  /** Makes a reader for each run of the statement. Without one, all rows are the result. */
  readonly reader?: (() => RowReader) | undefined
}

export interface PoolOptions {
  readonly address: DatabaseAddress
  readonly size: number
  /** How long one statement may take, waiting for a connection included. */
  readonly queryTimeout: Duration.Duration
}

/** A frozen server answers neither QUIT nor KILL. */
const PATIENCE = Duration.seconds(1)

/** The bots may need the connections that we leave: beyond one, they are given back after so long a rest. */
const IDLE_AFTER_MILLIS = 5_000
const LOOK_FOR_IDLE_EVERY = Duration.seconds(1)

const NO_CONNECTION = "The database does not accept a connection"

const failed = (message: string) => (cause: unknown) => new SqlError({ message, cause })

/** Without a callback, the driver of mysql2 tells a command each row, and the connection that it was lost. */
const readRows = (
  connection: mysql.Connection,
  command: mysql.Query,
  reader: RowReader,
  ended: (cause: unknown, result?: unknown) => void,
  enough: (rows: ReadonlyArray<Row>) => void
): void => {
  let wantsMore = true
  let isOver = false
  const finish = (cause: unknown) => {
    if (isOver) return
    isOver = true
    connection.off("error", finish)
    ended(cause, reader.rows)
  }
  connection.once("error", finish)
  command.on("error", finish)
  command.on("end", () => finish(null))
  command.on("result", (row: Row) => {
    if (reader.take(row) || !wantsMore) return
    wantsMore = false
    enough(reader.rows)
  })
}

interface Idle {
  readonly connection: mysql.Connection
  readonly since: number
}

export const make = (
  options: PoolOptions,
  /** Told why a statement failed, also where it is sent in another way. */
  onFailed: (error: SqlError) => void
): Effect.Effect<Driver, never, Scope.Scope> =>
  Effect.gen(function* () {
    const driverOptions = connectionOptions(options.address, options.queryTimeout)
    const settings = sessionSettings(options.queryTimeout)
    const open = new Set<mysql.Connection>()
    // The last one is taken first: so in quiet times it is always the same, and the others rest.
    let idle: ReadonlyArray<Idle> = []
    let isClosed = false

    const forget = (connection: mysql.Connection) => {
      open.delete(connection)
      idle = idle.filter((one) => one.connection !== connection)
    }

    const close = (connection: mysql.Connection) => {
      forget(connection)
      connection.destroy()
    }

    /** Says goodbye, so that the server does not count it as a client that was lost. */
    const end = (connection: mysql.Connection) => {
      forget(connection)
      connection.end()
    }

    const openOne: Driver["connect"] = (done) => {
      const connection = mysql.createConnection(driverOptions)
      open.add(connection)
      // The server may close it at any time.
      connection.on("end", () => forget(connection))
      connection.on("error", () => forget(connection))
      const fail = (cause: unknown) => {
        close(connection)
        done(Either.left(failed(NO_CONNECTION)(cause)))
      }
      connection.connect((cause) => {
        if (cause) return fail(cause)
        let isLate = false
        // A server that freezes at this moment never answers.
        const timer = setTimeout(() => {
          isLate = true
          fail("ConnectTimeout")
        }, Duration.toMillis(options.queryTimeout))
        connection.query(settings, (cause) => {
          clearTimeout(timer)
          if (isLate) return
          if (cause) return fail(cause)
          done(Either.right(connection))
        })
      })
    }

    const connect: Driver["connect"] = (done) => {
      if (isClosed) return done(Either.left(failed(NO_CONNECTION)("PoolClosed")))
      const last = idle.at(-1)
      if (last === undefined) return openOne(done)
      idle = idle.slice(0, -1)
      done(Either.right(last.connection))
    }

    const giveBack: Driver["giveBack"] = (connection) => {
      if (!open.has(connection)) return
      // One that was to end a statement may come late, when its permit has another by now.
      if (open.size > options.size) return end(connection)
      idle = [...idle, { connection, since: performance.now() }]
    }

    const endIdle = () => {
      const before = performance.now() - IDLE_AFTER_MILLIS
      for (const { connection, since } of idle.slice(0, -1)) if (since < before) end(connection)
    }
    yield* Effect.forkScoped(Effect.schedule(Effect.sync(endIdle), Schedule.spaced(LOOK_FOR_IDLE_EVERY)))
    yield* Effect.addFinalizer(() => {
      isClosed = true
      const ended = [...open].map((connection) =>
        Effect.async<void>((resume) => connection.end(() => resume(Effect.void)))
      )
      return Effect.all(ended, { concurrency: "unbounded" }).pipe(
        Effect.interruptible,
        Effect.timeout(PATIENCE),
        Effect.ignore,
        Effect.zipRight(Effect.sync(() => open.forEach(close)))
      )
    })

    /**
     * Ends on the server what nobody waits for any more. Closing the socket alone would let it run on. The connection is
     * closed by now, so there are never more connections than the pool's size.
     */
    const kill = (threadId: number, ended: () => void): void => {
      const before = new Set(open)
      const finish = () => {
        clearTimeout(timer)
        ended()
      }
      // On a busy machine a connection may take longer. The permit is not held for that, but the statement is ended.
      const timer = setTimeout(finish, Duration.toMillis(PATIENCE))
      connect((connected) => {
        if (Either.isLeft(connected)) return finish()
        const connection = connected.right
        // Servers number their connections in ascending order. One that was started again begins anew, and this number
        // may be another's connection there.
        const isSameServer = before.has(connection) || (connection.threadId ?? 0) > threadId
        if (!isSameServer) {
          giveBack(connection)
          return finish()
        }
        const give = setTimeout(() => close(connection), Duration.toMillis(PATIENCE))
        connection.query(`KILL ${Math.trunc(threadId)}`, () => {
          clearTimeout(give)
          giveBack(connection)
          finish()
        })
      })
    }

    const run: Driver["run"] = (connection, { method, reader, rowsAsArray, sql, values }, done, enough) => {
      let isOver = false
      const send = (method: Statement["method"]): void => {
        const ended = (cause: unknown, result: unknown) => {
          if (isOver) return
          const error = cause ? failed("The statement failed")(cause) : undefined
          if (error !== undefined) onFailed(error)
          if (error !== undefined && method === "execute" && isNotPrepared(error)) return send("query")
          isOver = true
          done(error === undefined ? Either.right(result) : Either.left(error))
        }
        // The driver's types want mutable arrays of its own value type. It checks the values itself when it binds them.
        const options = { sql, values: values as Array<string>, rowsAsArray }
        if (reader === undefined) connection[method](options, ended)
        else readRows(connection, connection[method](options), reader(), ended, (rows) => !isOver && enough?.(rows))
      }
      send(method)
      return (ended) => {
        if (isOver) return ended()
        isOver = true
        const { threadId } = connection
        close(connection)
        if (threadId) kill(threadId, ended)
        else ended()
      }
    }

    return { connect, giveBack, close, run, count: () => open.size }
  })
