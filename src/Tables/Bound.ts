import type { SqlClient } from "@effect/sql/SqlClient"
import type { Fragment } from "@effect/sql/Statement"
import type { BotTable, BotTables } from "../Database/BotTables.js"
import { sameId } from "./Types.js"

/**
 * The only pieces of SQL that may name a table in a statement about a bot. Each binds the table's rows to the bot in the same
 * breath, so that no statement can name one and forget whose rows it reads. src/Access/BotAccess.ts holds every statement to
 * that.
 */
const bound = new Set<string>()

/** Lets this text name a table. It must bind the table's rows to the bot. */
export const bind = (text: string): string => {
  bound.add(text)
  return text
}

const TABLE = /\b(?:bots|users|payments|subscriptions|bot_analytics_\w+)\b/i

/** Texts that were looked at. They are the constant parts of our statements, so there are few. */
const harmless = new Set<string>()

/** Whether a piece of a statement names a table without a binding. */
export const isUnbound = (text: string): boolean => {
  if (harmless.has(text) || bound.has(text)) return false
  if (TABLE.test(text)) return true
  harmless.add(text)
  return false
}

/** Where a table is named: `FROM payments p WHERE …`, or `JOIN payments p ON …`. More conditions follow with AND. */
export type Keyword = "WHERE" | "ON"

/** An alias of one of the bots' tables. */
type Aliased = readonly [table: BotTable, alias: string]

const same = (tables: BotTables, column: "bot_id" | "user_id", one: Aliased, other: Aliased): string => {
  const side = ([table, alias]: Aliased) => [`${alias}.${column}`, tables.column(table, column)] as const
  return sameId(side(one), side(other))
}

/** The rows of a table that are of the same bot as a row of this one: `FROM ${beside("payments", "q")} AND …` */
export const beside =
  (sql: SqlClient, tables: BotTables, ...row: Aliased) =>
  (table: BotTable, alias: string, keyword: Keyword = "WHERE"): Fragment =>
    sql.literal(bind(`${table} ${alias} ${keyword} ${same(tables, "bot_id", [table, alias], row)}`))

/** Those of the same user in the same bot. */
export const besideUser =
  (sql: SqlClient, tables: BotTables, ...row: Aliased) =>
  (table: BotTable, alias: string): Fragment =>
    sql`${beside(sql, tables, ...row)(table, alias)} AND ${sql.literal(same(tables, "user_id", [table, alias], row))}`
