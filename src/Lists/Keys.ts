import * as SqlClient from "@effect/sql/SqlClient"
import type { Fragment } from "@effect/sql/Statement"
import * as Effect from "effect/Effect"
import type { BotTable } from "../Database/BotTables.js"
import type { Keyword } from "../Tables/Bound.js"
import type { Position } from "./Cursors.js"

/** A list's order: newest first, rows without a time last, then the highest key. The index has it, read backwards. */
export interface Order {
  readonly table: BotTable
  readonly time: string
  readonly key: string
  /** (`bot_id`, time, key, …) in migrations/0004_add_indexes.ts. */
  readonly index: string
  /**
   * A column that this index holds and no other that begins with `bot_id`. What reads it is served by this index alone.
   * MariaDB, which takes no hints, would prefer another one at times, and sort all rows of the bot.
   */
  readonly held?: string
}

interface Window {
  /** The rows of the list, as a table under the alias `k` with its conditions. */
  readonly rows: (keyword: Keyword) => Fragment
  /** Only rows behind this one. */
  readonly after: Position | undefined
  readonly limit: number
  /** Rows to leave out, as a decimal text. */
  readonly offset: string
  /** Makes keys compare as the list orders them, where the index, by the column's own collation, has another order. */
  readonly inOrder: ((key: Fragment) => Fragment) | undefined
  /** Columns in front of the row's own, where it goes into a UNION with rows of more columns. */
  readonly lead?: Fragment
}

/**
 * Finds the keys of a page in the index alone, as rows of `bot_id`, `time`, `id` and `held`: the list's first `limit` rows
 * behind a position or an offset. Behind a position it reads no more than these. The three conditions are ranges side by
 * side in the index, read backwards until there are enough. A comparison of rows, `(time, key) < (?, ?)`, would be simpler,
 * but MySQL makes no range of it.
 *
 * The hint is MySQL's alone. It matters until the server has counted the rows of a table that was filled a moment ago.
 */
export const pageKeys = Effect.map(SqlClient.SqlClient, (sql) => {
  const NOTHING = sql.literal("")

  const behind = (time: Fragment, key: Fragment, after: Position, ordered: (key: Fragment) => Fragment): Fragment =>
    after.time === null
      ? // Not IS NULL: after that, MariaDB would sort by the time all the same, and not by the index.
        sql`${time} <=> NULL AND ${ordered(key)} < ${after.key}`
      : sql`(${time} < ${after.time} OR (${time} = ${after.time} AND ${ordered(key)} < ${after.key})
          OR ${time} IS NULL)`

  return (order: Order, { after, inOrder, lead, limit, offset, rows }: Window): Fragment => {
    const time = sql`${sql(`k.${order.time}`)}`
    const key = sql`${sql(`k.${order.key}`)}`
    const held = order.held === undefined ? sql`NULL` : sql`${sql(`k.${order.held}`)}`
    const page = after === undefined ? NOTHING : sql` AND ${behind(time, key, after, inOrder ?? ((key) => key))}`
    const hint = sql.literal(`/*+ INDEX(k ${order.index}) */`)
    const leading = lead === undefined ? NOTHING : sql`${lead}, `
    const inIndexOrder = (leading: Fragment) => sql`
      SELECT ${hint} ${leading}k.bot_id AS bot_id, ${time} AS time, ${key} AS id, ${held} AS held FROM ${rows("WHERE")}${page}
      ORDER BY ${time} DESC, ${key} DESC LIMIT ${String(limit)} OFFSET ${offset}`
    if (inOrder === undefined) return inIndexOrder(leading)
    // The two orders differ among rows of the same time only. So the same number of rows in the index's order has the same
    // times. Of these times all rows are taken and put in order. Those that the index has before its first row are as many
    // as the list has before the page.
    return sql`
      SELECT ${leading}placed.bot_id, placed.time, placed.id, placed.held
      FROM (
        SELECT ${hint} k.bot_id AS bot_id, ${time} AS time, ${key} AS id, ${held} AS held,
          ROW_NUMBER() OVER (ORDER BY ${time} DESC, ${inOrder(key)} DESC) AS place,
          SUM(${key} > times.top) OVER () AS skipped
        FROM (
          SELECT indexed.time, MAX(indexed.id) AS top FROM (${inIndexOrder(NOTHING)}) AS indexed GROUP BY indexed.time
        ) AS times
        STRAIGHT_JOIN ${rows("ON")} AND ${time} <=> times.time${page}
      ) AS placed
      WHERE placed.place > placed.skipped
      ORDER BY placed.place LIMIT ${String(limit)}`
  }
})
