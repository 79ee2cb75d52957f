import { SqlError } from "@effect/sql/SqlError"
import { Duration, Effect, type Scope } from "effect"
import mysql from "mysql2"
import type { DatabaseAddress } from "../Config.js"
import { connectionOptions, sessionSettings } from "./Session.js"

/** mysql2 as effects: connections that are ready for use, and statements that end when nobody waits for them any more. */
export interface Driver {
  readonly connect: Effect.Effect<mysql.PoolConnection, SqlError>
  readonly run: (connection: mysql.PoolConnection, statement: Statement) => Effect.Effect<unknown, SqlError>
}

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

/** A frozen server answers no farewell, and no KILL. */
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

    const connect = Effect.async<mysql.PoolConnection, SqlError>((resume) => {
      const fail = (cause: unknown) => resume(failed("The database does not accept a connection")(cause))
      pool.getConnection((cause, connection) => {
        if (cause) return fail(cause)
        if (prepared.has(connection)) return resume(Effect.succeed(connection))
        // A server that freezes at this very moment answers nothing more.
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
          resume(Effect.succeed(connection))
        })
      })
    })

    /**
     * Ends on the server what nobody waits for any more: closing the socket alone would let it run on. The connection's
     * place is free by now, so that there are never more connections than the pool's size.
     */
    const kill = (threadId: number) =>
      Effect.async<void>((resume) => {
        const before = new Set(open)
        const finish = () => {
          clearTimeout(timer)
          resume(Effect.void)
        }
        // On a busy machine a connection may take longer; the place is not held for that, but the statement is ended.
        const timer = setTimeout(finish, Duration.toMillis(PATIENCE))
        pool.getConnection((cause, connection) => {
          if (cause) return finish()
          // Servers number their connections in ascending order. One that was started again begins anew, and there this
          // number is another's connection.
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
      })

    const run = (connection: mysql.PoolConnection, { method, rowsAsArray, sql, values }: Statement) =>
      Effect.async<unknown, SqlError>((resume) => {
        let done = false
        // The driver's types want mutable arrays of its own value type; it checks the values itself when it binds them.
        connection[method]({ sql, values: values as Array<string>, rowsAsArray }, (cause, result) => {
          done = true
          resume(cause ? failed("The statement failed")(cause) : Effect.succeed(result))
        })
        return Effect.suspend(() => {
          if (done) return Effect.void
          const threadId = connection.threadId
          close(connection)
          return threadId ? kill(threadId) : Effect.void
        })
      })

    return { connect, run }
  })
