import { SqlError } from "@effect/sql/SqlError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Scope from "effect/Scope"
import mysql from "mysql2"
import type { DatabaseAddress } from "../Config.js"
import { connectionOptions, sessionSettings } from "./Session.js"

/**
 * mysql2: connections that are ready for use, and statements that end when nobody waits for them any more. It has effects,
 * and the callbacks under them for what each request goes through (src/Database/Runner.ts).
 */
export interface Driver {
  readonly connect: Effect.Effect<mysql.PoolConnection, SqlError>
  readonly run: (connection: mysql.PoolConnection, statement: Statement) => Effect.Effect<unknown, SqlError>
  readonly unsafeConnect: (done: Done<mysql.PoolConnection>) => void
  readonly unsafeRun: (connection: mysql.PoolConnection, statement: Statement, done: Done<unknown>) => Abandon
}

/** Called once. Never called for what was abandoned. */
export type Done<A> = (result: Either.Either<A, SqlError>) => void

/** Closes the statement's connection, and calls when the statement has ended on the server too. */
export type Abandon = (ended: () => void) => void

export interface Statement {
  /** Prepared on the server, or sent as text. */
  readonly method: "execute" | "query"
  readonly sql: string
  readonly values: ReadonlyArray<unknown>
  readonly rowsAsArray: boolean
}

export interface PoolOptions {
  readonly address: DatabaseAddress
  readonly size: number
  /** How long one statement may take, waiting for a connection included. */
  readonly queryTimeout: Duration.Duration
}

/** A frozen server answers neither QUIT nor KILL. */
const PATIENCE = Duration.seconds(1)

const failed = (message: string) => (cause: unknown) => new SqlError({ message, cause })

export const make = (options: PoolOptions): Effect.Effect<Driver, never, Scope.Scope> =>
  Effect.gen(function* () {
    const open = new Set<mysql.PoolConnection>()
    const prepared = new WeakSet<mysql.PoolConnection>()
    const settings = sessionSettings(options.queryTimeout)

    const pool = yield* Effect.acquireRelease(
      Effect.sync(() =>
        mysql.createPool({
          ...connectionOptions(options.address, options.queryTimeout),
          connectionLimit: options.size,
          // Fewer would close idle connections every second and open them again.
          maxIdle: options.size
        })
      ),
      (pool) =>
        Effect.async<void>((resume) => pool.end(() => resume(Effect.void))).pipe(
          Effect.interruptible,
          Effect.timeout(PATIENCE),
          Effect.ignore,
          Effect.zipRight(Effect.sync(() => open.forEach((connection) => void connection.destroy())))
        )
    )
    pool.on("connection", (connection) => {
      open.add(connection)
      connection.once("end", () => open.delete(connection))
      connection.once("error", () => open.delete(connection))
    })

    const close = (connection: mysql.PoolConnection) => {
      open.delete(connection)
      connection.destroy()
    }

    const unsafeConnect: Driver["unsafeConnect"] = (done) => {
      const fail = (cause: unknown) => done(Either.left(failed("The database does not accept a connection")(cause)))
      pool.getConnection((cause, connection) => {
        if (cause) return fail(cause)
        if (prepared.has(connection)) return done(Either.right(connection))
        // A server that freezes at this moment never answers.
        const timer = setTimeout(() => {
          close(connection)
          fail("ConnectTimeout")
        }, Duration.toMillis(options.queryTimeout))
        connection.query(settings, (error) => {
          clearTimeout(timer)
          if (error) {
            close(connection)
            return fail(error)
          }
          prepared.add(connection)
          done(Either.right(connection))
        })
      })
    }

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
      pool.getConnection((cause, connection) => {
        if (cause) return finish()
        // Servers number their connections in ascending order. One that was started again begins anew, and this number
        // may be another's connection there.
        const isSameServer = before.has(connection) || (connection.threadId ?? 0) > threadId
        if (!isSameServer) {
          connection.release()
          return finish()
        }
        const give = setTimeout(() => close(connection), Duration.toMillis(PATIENCE))
        connection.query(`KILL ${Math.trunc(threadId)}`, () => {
          clearTimeout(give)
          connection.release()
          finish()
        })
      })
    }

    const unsafeRun: Driver["unsafeRun"] = (connection, { method, rowsAsArray, sql, values }, done) => {
      let isOver = false
      // The driver's types want mutable arrays of its own value type. It checks the values itself when it binds them.
      connection[method]({ sql, values: values as Array<string>, rowsAsArray }, (cause, result) => {
        if (isOver) return
        isOver = true
        done(cause ? Either.left(failed("The statement failed")(cause)) : Either.right(result))
      })
      return (ended) => {
        if (isOver) return ended()
        isOver = true
        const threadId = connection.threadId
        close(connection)
        if (threadId) kill(threadId, ended)
        else ended()
      }
    }

    const run: Driver["run"] = (connection, statement) =>
      Effect.async((resume) => {
        const abandon = unsafeRun(connection, statement, resume)
        return Effect.async<void>((resume) => abandon(() => resume(Effect.void)))
      })

    return { connect: Effect.async(unsafeConnect), run, unsafeConnect, unsafeRun }
  })
