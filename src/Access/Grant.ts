import type { SqlClient } from "@effect/sql/SqlClient"
import type { Fragment } from "@effect/sql/Statement"
import { type BotTables, isBotTable } from "../Database/BotTables.js"
import type { Admin } from "../Domain/CurrentAdmin.js"
import type { BotId } from "../Domain/Ids.js"
import { ACCOUNTS } from "../Tables/Accounts.js"
import { bind, isUnbound, type Keyword } from "../Tables/Bound.js"
import { idFor, isText } from "../Tables/Types.js"

/**
 * The right to a bot's rows, as pieces of the statement that reads them. A table comes with the condition that binds it to
 * the bot and to the right; more conditions follow with AND.
 *
 * ```ts
 * sql`SELECT COUNT(*) FROM ${granted} JOIN ${on("payments", "p")} AND p.date >= ${from}`
 * sql`SELECT (SELECT COUNT(*) FROM ${where("users", "u")}) AS users FROM ${granted}`
 * sql`SELECT 1 FROM ${granted} UNION ALL SELECT 2 FROM ${alone("users", "u", "WHERE")} AND u.uid > 5`
 * ```
 */
export interface Grant {
  readonly botId: BotId
  /** A table `granted` with one row, `bot_id`, where the admin owns the bot, and with none elsewhere. */
  readonly granted: Fragment
  /** The bot's rows of a table, after JOIN in a FROM that has `granted`. */
  readonly on: (table: string, alias: string) => Fragment
  /** The bot's rows of a table, after FROM in a subquery of one that has `granted`: evaluated for each row around it. */
  readonly where: (table: string, alias: string) => Fragment
  /** The bot's rows of a table, and none where there is no right. It needs no `granted` around, and is evaluated once. */
  readonly alone: (table: string, alias: string, keyword: Keyword) => Fragment
}

const GRANTED = bind("(SELECT MIN(uid) AS bot_id FROM bots WHERE uid = ")
const GRANTED_OF_TEXT = bind("(SELECT CAST(MIN(uid) AS SIGNED) AS bot_id FROM bots WHERE uid = ")
const ACCOUNT = bind(` AND EXISTS (SELECT 1 FROM ${ACCOUNTS} WHERE user_id = `)

/**
 * The grant of an admin for a bot. Where the credential needs an account, there is no right without one.
 *
 * The bot's id stands beside `granted.bot_id`, which is the same, because only a value that is known beforehand lets the
 * servers read a range of an index. `alone` counts, and has no EXISTS: of that MySQL would make a join, and walk over the
 * rows of a bot that is not granted.
 *
 * A table without a key may have a bot's row twice: the grant is one row all the same, and only of an admin who is the only
 * one (src/Tables/Doubled.ts).
 */
export const makeGrant = (sql: SqlClient, { needsAccount, userId }: Admin, botId: BotId, tables: BotTables): Grant => {
  const found = (table: string, column: string) => (isBotTable(table) ? tables.column(table, column) : undefined)
  const [uid, adminId] = [found("bots", "uid"), found("bots", "admin_id")]
  const owner = idFor(sql, adminId, userId)
  const ofBot = (table: string) => idFor(sql, found(table, "bot_id"), botId)
  const account = needsAccount ? sql`${sql.literal(ACCOUNT)}${userId})` : sql``
  const granted = sql`${sql.literal(uid && isText(uid) ? GRANTED_OF_TEXT : GRANTED)}${idFor(sql, uid, botId)}${account}
    HAVING MIN(admin_id) = ${owner} AND MAX(admin_id) = ${owner}) AS granted`
  const within = (table: string, alias: string, keyword: Keyword) =>
    sql`${sql.literal(bind(`${table} ${alias} ${keyword} ${alias}.bot_id = granted.bot_id AND ${alias}.bot_id = `))}${ofBot(table)}`
  return {
    botId,
    granted,
    on: (table, alias) => within(table, alias, "ON"),
    where: (table, alias) => within(table, alias, "WHERE"),
    alone: (table, alias, keyword) =>
      sql`${sql.literal(bind(`${table} ${alias} ${keyword} ${alias}.bot_id = `))}${ofBot(table)} AND (SELECT COUNT(*) FROM ${granted}) > 0`
  }
}

/** Dies where a statement names a table that is not bound to the grant, or does not ask for the right at all. */
export const demandGrant = ({ segments }: Fragment): void => {
  let isGranted = false
  for (const segment of segments) {
    const text = segment._tag === "Literal" || segment._tag === "Identifier" ? segment.value : ""
    if (text === GRANTED || text === GRANTED_OF_TEXT) isGranted = true
    if (isUnbound(text)) throw new Error(`A statement about a bot names a table that is not bound to the bot: ${text}`)
  }
  if (!isGranted) throw new Error("A statement about a bot does not ask for the right to it")
}
