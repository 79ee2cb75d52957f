import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as OwnConnection from "../../Database/OwnConnection.js"

/** One process at a time keeps the facts of a database. The lock belongs to the server, so its name has the database in it. */
const NAME = "CONCAT('bot_analytics_facts:', LEFT(SHA2(DATABASE(), 256), 32))"

/**
 * A change of a bots' table that waits for a lock makes the bots' statements wait behind it, so it does not wait long.
 * Outside a transaction each statement reads the newest rows, and locks no more than the rows that it writes. There is no
 * time limit, as a request has one.
 */
const SESSION = `SET SESSION innodb_lock_wait_timeout = 5, lock_wait_timeout = 1
  /*!80000 , max_execution_time = 0 */
  /*M!100108 , max_statement_time = 0 */`

/** Runs all of the effect's statements on a connection of its own, closed at the end. */
export const onOwnConnection = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  OwnConnection.onOwnConnection(
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      yield* sql.unsafe(SESSION).unprepared
      yield* sql.unsafe("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED").unprepared
      return yield* self
    })
  )

/** Runs under the lock, which goes with its connection; false where another process has it, longer than `seconds`. */
export const withLock = <E, R>(self: Effect.Effect<void, E, R>, seconds = 0) =>
  onOwnConnection(
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const [row] = yield* sql.unsafe<{ readonly taken: number | null }>(
        `SELECT GET_LOCK(${NAME}, ${Math.trunc(seconds)}) AS taken`
      ).unprepared
      const isOurs = row?.taken === 1
      if (isOurs) yield* self
      return isOurs
    })
  )
