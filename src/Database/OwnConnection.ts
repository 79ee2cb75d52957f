import * as SqlClient from "@effect/sql/SqlClient"
import type { Connection } from "@effect/sql/SqlConnection"
import type { SqlError } from "@effect/sql/SqlError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"

/**
 * A connection that the effect has to itself: what it sets stays set, and a transaction that it begins is its own. Made by
 * `provide` alone, so that the statements of @effect/sql run on the same connection.
 */
export class OwnConnection extends Context.Tag("app/Database/OwnConnection")<OwnConnection, Connection>() {}

/** What an effect asks for beside a connection. */
export type Without<R> = Exclude<Exclude<R, OwnConnection>, SqlClient.TransactionConnection>

/** Runs all of the effect's statements on this connection. */
export const provide = <A, E, R>(
  self: Effect.Effect<A, E, R>,
  connection: Connection
): Effect.Effect<A, E, Without<R>> =>
  self.pipe(
    Effect.provideService(OwnConnection, connection),
    // Beside the connection, how deep @effect/sql is in transactions of its own: in none.
    Effect.provideService(SqlClient.TransactionConnection, [connection, 0])
  )

/** Runs all of the effect's statements on a connection of its own, which is closed at the end. */
export const onOwnConnection = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.scoped(
    Effect.flatMap(SqlClient.SqlClient, (sql) => Effect.flatMap(sql.reserve, (connection) => provide(self, connection)))
  )

/** Sends a text of ours that takes no parameters, such as SET. */
const send = (text: string) =>
  Effect.flatMap(OwnConnection, (connection) => connection.executeUnprepared(text, [], undefined))

const transaction =
  (begin: string) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E | SqlError, R | OwnConnection> =>
    // The server's default may be READ COMMITTED, under which each statement sees a state of its own.
    send("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ").pipe(
      Effect.zipRight(send(begin)),
      Effect.zipRight(self),
      Effect.zipLeft(send("COMMIT")),
      // Interrupted, it ends with its connection.
      Effect.tapErrorCause(() => Effect.ignore(send("ROLLBACK")))
    )

/** One state of the database for all that is read, and all or nothing of what is written. */
export const inTransaction = transaction("START TRANSACTION WITH CONSISTENT SNAPSHOT")

/** One state of the database, that of the start, for all statements. They may only read. */
export const inSnapshot = transaction("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
