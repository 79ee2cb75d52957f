import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as OwnConnection from "../../Database/OwnConnection.js"

/** There is no time limit, as a request has one; and nothing of ours waits long for a lock of somebody's. */
const SESSION = `SET SESSION innodb_lock_wait_timeout = 5, lock_wait_timeout = 1
  /*!80000 , max_execution_time = 0 */
  /*M!100108 , max_statement_time = 0 */`

/**
 * Runs all of the effect's statements on a connection of its own, closed at the end. Outside a transaction each statement
 * reads the newest rows, and locks no more than the rows that it writes.
 */
export const onOwnConnection = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  OwnConnection.onOwnConnection(
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* sql.unsafe(SESSION).unprepared
      yield* sql.unsafe("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED").unprepared
      return yield* self
    })
  )
