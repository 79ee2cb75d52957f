import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"

/** One process at a time keeps the facts of a database. The lock is the server's, so its name has the database in it. */
const NAME = "CONCAT('bot_analytics_facts:', LEFT(SHA2(DATABASE(), 256), 32))"

/**
 * A change of the bots' tables that has to wait for a lock makes the bots' statements wait behind it: not for long. The session reads one state of the database where a transaction of its own says so; else each statement reads the
 * newest, and locks no more than the rows that it writes. No time limit of a request's holds here.
 */
const SESSION = `SET SESSION innodb_lock_wait_timeout = 5, lock_wait_timeout = 1
  /*!80000 , max_execution_time = 0 */
  /*M!100108 , max_statement_time = 0 */`

/** Runs all of the effect's statements on a connection of its own, closed at the end. */
export const onOwnConnection = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.scoped(
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const connection = yield* sql.reserve
      const prepared = Effect.gen(function* () {
        yield* sql.unsafe(SESSION).unprepared
        yield* sql.unsafe("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED").unprepared
        return yield* self
      })
      return yield* Effect.provideService(prepared, SqlClient.TransactionConnection, [connection, 0])
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

/** One state of the database for all that is read, and all or nothing of what is written. */
export const inTransaction = <A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql.unsafe("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ").unprepared
    yield* sql.unsafe("START TRANSACTION WITH CONSISTENT SNAPSHOT").unprepared
    const result = yield* self
    yield* sql.unsafe("COMMIT").unprepared
    return result
  })
