import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import mysql from "mysql2/promise"
import type { DatabaseAddress } from "../../src/Config.js"
import { connectionOptions } from "../../src/Database/Session.js"
import { DatabaseFailed } from "./Errors.js"

/** One connection to the server of the demo's database, as the service itself would open it, with no database chosen yet. */
export type Session = mysql.Connection

const failed = (error: unknown): DatabaseFailed => {
  const errno = error instanceof Error && "sqlState" in error && "errno" in error ? Number(error.errno) : undefined
  // A host that has two addresses fails with an error that has a code and no message.
  const text =
    error instanceof Error ? error.message || ("code" in error ? String(error.code) : error.name) : String(error)
  return new DatabaseFailed({ message: text, errno })
}

export const attempt = <A>(use: () => Promise<A>) => Effect.tryPromise({ try: use, catch: failed })

export const rows = <Row>(session: Session, statement: string, values: ReadonlyArray<unknown> = []) =>
  attempt(async () => {
    const [found] = await session.query<Array<Row & mysql.RowDataPacket>>(statement, [...values])
    return found as ReadonlyArray<Row>
  })

export const run = (session: Session, statement: string, values: ReadonlyArray<unknown> = []) =>
  Effect.asVoid(attempt(() => session.query(statement, [...values])))

export const open = (address: DatabaseAddress): Effect.Effect<Session, DatabaseFailed, Scope.Scope> =>
  Effect.acquireRelease(
    attempt(async () => {
      const { database: _, ...options } = connectionOptions(address, Duration.seconds(10))
      return await mysql.createConnection(options)
    }).pipe(
      Effect.mapError(
        ({ errno, message }) =>
          new DatabaseFailed({ message: `The demo can't reach ${address.host}:${address.port}: ${message}`, errno })
      )
    ),
    // A load that was broken off would otherwise go on, and the farewell wait behind it.
    (session, exit) =>
      Exit.isSuccess(exit)
        ? Effect.promise(() => session.end().catch(() => session.destroy()))
        : Effect.sync(() => session.destroy())
  )
