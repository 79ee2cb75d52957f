import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Place from "./Place.js"
import type { Layout } from "./Rows.js"

/** What is asked of the bots' database, on whichever connection `SqlClient` has: a snapshot's own, inside one. */

export type Variables = ReadonlyMap<string, string>

/** Variables that this server does not have are not in it. */
export const variables = (names: ReadonlyArray<string>): Effect.Effect<Variables, SqlError, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<{ readonly Variable_name: string; readonly Value: string }>`
      SHOW GLOBAL VARIABLES WHERE Variable_name IN ${sql.in(names)}`.unprepared
    return new Map(rows.map(({ Value, Variable_name }) => [Variable_name.toLowerCase(), String(Value)]))
  })

/** Two servers behind one name, and one that was made anew, have different ones. */
export const idOf = (found: Variables): string => found.get("server_uuid") ?? found.get("server_uid") ?? "unknown"

export const id = Effect.map(variables(["server_uuid", "server_uid"]), idOf)

/** MySQL 8.4 took the old words away, which MariaDB and older servers know alone. */
const hasNewWords = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split(".").map(Number.parseFloat)
  return !/mariadb/i.test(version) && (major > 8 || (major === 8 && minor >= 2))
}

export const endStatement = (version: string): string =>
  hasNewWords(version) ? "SHOW BINARY LOG STATUS" : "SHOW MASTER STATUS"

/**
 * Where the log ends. Whatever was visible before it was asked lies before it: that holds for the file and the position,
 * and not for `@@gtid_executed`. None where the server keeps no log.
 */
export const endOfLog = (version: string): Effect.Effect<Place.Place | undefined, SqlError, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const [status] = yield* sql.unsafe<{ readonly File: string; readonly Position: number | string }>(
      endStatement(version)
    ).unprepared
    return status && Place.make(status.File, Number(status.Position))
  })

/** The columns of a table as they are now: none where there is no such table. */
export const layoutOf = (table: string): Effect.Effect<Layout | undefined, SqlError, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const columns = yield* sql<{ readonly name: string; readonly type: string }>`
      SELECT column_name AS name, column_type AS type FROM information_schema.columns
      WHERE table_schema = DATABASE() AND table_name = ${table} ORDER BY ordinal_position`.unprepared
    return columns.length === 0
      ? undefined
      : {
          names: columns.map(({ name }) => name),
          unsigned: columns.map(({ type }) => /unsigned/i.test(String(type)))
        }
  })
