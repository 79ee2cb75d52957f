import * as SqlClient from "@effect/sql/SqlClient"
import type { Fragment } from "@effect/sql/Statement"
import * as Effect from "effect/Effect"
import type { BotId } from "../../Domain/Ids.js"

/** Stands for the user of rows without one. No integer type of the databases has it. */
export const NO_USER = "-10000000000000000000"

const isId = (id: string): boolean => /^-?\d{1,20}$/.test(id)

/** As the log has them; none where one of them can't be an id of ours. */
export const unitsOf = (users: ReadonlyArray<string | null>): ReadonlyArray<string> | undefined => {
  const units = users.map((user) => user ?? NO_USER)
  return units.every(isId) ? units : undefined
}

/**
 * Users' ids have up to 20 digits, more than a JavaScript number holds, so they are texts here. In statements they are
 * literals: bound texts would be compared as floating-point numbers, and no index would serve.
 */
const literals = (ids: ReadonlyArray<string>): ReadonlyArray<string> => {
  if (!ids.every(isId)) throw new Error("A user's id is no number")
  return ids
}

/** Spans hold the text of statements, and here it holds users' ids: who traces does not get them. */
export const untraced = Effect.withTracerEnabled(false)

export const userIds = (sql: SqlClient.SqlClient, ids: ReadonlyArray<string>): Fragment =>
  sql.literal(literals(ids).join(", "))

/** These users as a table with a column `unit`. */
export const usersAsTable = (sql: SqlClient.SqlClient, ids: ReadonlyArray<string>): Fragment =>
  sql.literal(
    `(${literals(ids)
      .map((id) => `SELECT CAST(${id} AS DECIMAL(20, 0)) AS unit`)
      .join(" UNION ALL ")})`
  )

/** A bot's users in the order of their ids, some at a time: those with rows, and those whose facts are kept. */
export const usersInOrder = Effect.map(SqlClient.SqlClient, (sql) => {
  return (botId: BotId, after: string, limit: number) => {
    const atMost = sql.literal(String(limit))
    const of = (table: string) => sql`
      (SELECT DISTINCT user_id AS user_id FROM ${sql(table)} WHERE bot_id = ${botId} AND user_id > ${userIds(sql, [after])}
       ORDER BY user_id LIMIT ${atMost})`
    const rows = sql<{ readonly user_id: string }>`
      SELECT CAST(user_id AS CHAR) AS user_id FROM (
        SELECT user_id FROM (
          ${of("users")} UNION ${of("payments")} UNION ${of("subscriptions")} UNION ${of("bot_analytics_users")}
        ) AS users
        ORDER BY user_id LIMIT ${atMost}
      ) AS next`.unprepared
    return untraced(Effect.map(rows, (found) => found.map(({ user_id }) => user_id)))
  }
})
