import * as SqlClient from "@effect/sql/SqlClient"
import type { Fragment } from "@effect/sql/Statement"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import type { BotTable, FoundColumn } from "../Database/BotTables.js"
import type { Keyword } from "../Tables/Bound.js"
import { isBytes, isNumber } from "../Tables/Types.js"
import type { Position } from "./Cursors.js"

/** A list's order: newest first, rows without a time last, then the highest key. The index has it, read backwards. */
export interface Order {
  readonly table: BotTable
  readonly time: string
  readonly key: "uid" | "bill_id"
  /** (`bot_id`, time, key, …) in migrations/0004_add_indexes.ts. */
  readonly index: string
  /**
   * A column that this index holds and no other that begins with `bot_id`. What reads it is served by this index alone.
   * MariaDB, which takes no hints, would prefer another one at times, and sort all rows of the bot.
   */
  readonly held?: string
}

/** Makes keys compare as the list orders them. */
export type InOrder = (key: Fragment) => Fragment

interface Window {
  /** The rows of the list, as a table under the alias `k` with its conditions. */
  readonly rows: (keyword: Keyword) => Fragment
  /** Only rows from this position on. */
  readonly after: Position | undefined
  readonly limit: number
  /** Rows to leave out, as a decimal text. */
  readonly offset: string
  /** Where the index, by the column's own collation, has another order. */
  readonly inOrder: InOrder | undefined
  /** What the key's column was found to be. */
  readonly column?: FoundColumn | undefined
}

/**
 * The key of a position, for SQL. Numbers past 2^53 come and go as text, which compared with a number would be rounded; bytes
 * as their digits.
 */
const keyOf = (
  sql: SqlClient.SqlClient,
  key: string | number,
  { column, inOrder = identity }: Pick<Window, "column" | "inOrder">
): Fragment => {
  if (typeof key === "number" || column === undefined) return sql`${key}`
  if (isBytes(column)) return sql`UNHEX(${key})`
  return isNumber(column) ? sql`CAST(${key} AS DECIMAL(65, 0))` : inOrder(sql`${key}`)
}

/** Rows of the alias `k` that the list has before all of the position's time and key. */
export const newerThan = (
  sql: SqlClient.SqlClient,
  order: Order,
  { key: at, time: since }: Omit<Position, "passed" | "seen">,
  window: Pick<Window, "inOrder" | "column">
): Fragment => {
  const { inOrder = identity } = window
  const time = sql`${sql(`k.${order.time}`)}`
  const key = sql`${sql(`k.${order.key}`)}`
  const higher = at === null ? sql`${key} IS NOT NULL` : sql`${inOrder(key)} > ${keyOf(sql, at, window)}`
  return since === null
    ? sql`(${time} IS NOT NULL OR ${higher})`
    : sql`(${time} > ${since} OR (${time} = ${since} AND ${higher}))`
}

/**
 * Finds the keys of a page in the index alone, as rows of `bot_id`, `time`, `id` and `held`: the list's first `limit` rows
 * from a position or an offset on. From a position on it reads no more than these. The conditions are ranges side by
 * side in the index, read backwards until there are enough. A comparison of rows, `(time, key) < (?, ?)`, would be simpler,
 * but MySQL makes no range of it.
 *
 * The hint is MySQL's alone. It matters until the server has counted the rows of a table that was filled a moment ago.
 */
export const pageKeys = Effect.map(SqlClient.SqlClient, (sql) => {
  const NOTHING = sql.literal("")

  /** Nulls come last. */
  const keyBehind = (key: Fragment, { key: at, seen }: Position, window: Window): Fragment => {
    const { inOrder = identity } = window
    if (at === null) return seen === undefined ? sql`FALSE` : sql`${key} IS NULL`
    const than = sql.literal(seen === undefined ? "<" : "<=")
    return sql`(${inOrder(key)} ${than} ${keyOf(sql, at, window)} OR ${key} IS NULL)`
  }

  const behind = (time: Fragment, key: Fragment, after: Position, window: Window): Fragment =>
    after.time === null
      ? // Not IS NULL: after that, MariaDB would sort by the time all the same, and not by the index.
        sql`${time} <=> NULL AND ${keyBehind(key, after, window)}`
      : sql`(${time} < ${after.time} OR (${time} = ${after.time} AND ${keyBehind(key, after, window)})
          OR ${time} IS NULL)`

  return (order: Order, window: Window): Fragment => {
    const { after, inOrder, limit, offset, rows } = window
    const time = sql`${sql(`k.${order.time}`)}`
    const key = sql`${sql(`k.${order.key}`)}`
    const held = order.held === undefined ? sql`NULL` : sql`${sql(`k.${order.held}`)}`
    const page = after === undefined ? NOTHING : sql` AND ${behind(time, key, after, window)}`
    const columns = sql`${sql.literal(`/*+ INDEX(k ${order.index}) */`)} k.bot_id AS bot_id, ${time} AS time, ${key} AS id,
      ${held} AS held`
    const inIndexOrder = sql`
      SELECT ${columns} FROM ${rows("WHERE")}${page}
      ORDER BY ${time} DESC, ${key} DESC LIMIT ${BigInt(limit)} OFFSET ${BigInt(offset)}`
    if (inOrder === undefined) return inIndexOrder
    // The two orders differ among rows of the same time only. So the same number of rows in the index's order has the same
    // times. Of these times all rows are taken and put in order.
    const ofTimes = sql`STRAIGHT_JOIN ${rows("ON")} AND ${time} <=> times.time${page}`
    if (offset === "0") {
      return sql`
        SELECT ${columns} FROM (SELECT DISTINCT indexed.time FROM (${inIndexOrder}) AS indexed) AS times ${ofTimes}
        ORDER BY ${time} DESC, ${inOrder(key)} DESC LIMIT ${BigInt(limit)}`
    }
    // Of the first time, some rows may lie before the page: as many as the page does not have of it. Where it has no other
    // time, that says nothing, and the rows of later times are counted.
    const newer = sql`(SELECT COUNT(*) FROM ${rows("WHERE")}
      AND (${time} > indexed.time OR (indexed.time IS NULL AND ${time} IS NOT NULL)))`
    return sql`
      SELECT placed.bot_id, placed.time, placed.id, placed.held
      FROM (
        SELECT ${columns}, ${inOrder(key)} AS in_order,
          ROW_NUMBER() OVER (PARTITION BY ${time} ORDER BY ${inOrder(key)} DESC) AS place,
          CASE WHEN ${time} <=> MAX(${time}) OVER ()
            THEN COALESCE(times.before_page, COUNT(*) OVER (PARTITION BY ${time}) - times.shown) ELSE 0 END AS before_page
        FROM (
          SELECT indexed.time, COUNT(*) AS shown,
            CASE WHEN COUNT(*) = ${BigInt(limit)} THEN ${BigInt(offset)} - ${newer} END AS before_page
          FROM (${inIndexOrder}) AS indexed GROUP BY indexed.time
        ) AS times ${ofTimes}
      ) AS placed
      WHERE placed.place > placed.before_page
      ORDER BY placed.time DESC, placed.in_order DESC LIMIT ${BigInt(limit)}`
  }
})
