import * as SqlClient from "@effect/sql/SqlClient"
import type { Row } from "@effect/sql/SqlConnection"
import type { Fragment } from "@effect/sql/Statement"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { BotAccess } from "../Access/BotAccess.js"
import type { Grant } from "../Access/Grant.js"
import type { BotTables } from "../Database/BotTables.js"
import { Readiness } from "../Database/Readiness.js"
import { heading } from "../Database/Union.js"
import type { CurrentAdmin } from "../Domain/CurrentAdmin.js"
import type { AccessDenied, InvalidRequest, ServiceUnavailable } from "../Domain/Errors.js"
import type { BotId } from "../Domain/Ids.js"
import { type Paged, pageAfter, rowsBefore } from "../Domain/Parameters.js"
import { Facts, STANDING, type Standing } from "../Facts/Facts.js"
import type { Fact } from "../Facts/Store/Fact.js"
import { beside, type Keyword } from "../Tables/Bound.js"
import { columnExpressions } from "../Tables/Expressions.js"
import { ReadableRows } from "../Tables/Readable.js"
import { type Scope as CursorScope, Cursors } from "./Cursors.js"
import { newerThan, type Order, pageKeys } from "./Keys.js"
import { PageRows, type Start } from "./PageRows.js"
import { ResponseMemory } from "./ResponseMemory.js"

/** A list of a bot's rows, as its repository defines it. */
export interface List<Item> {
  readonly order: Order
  /** What a SELECT names of a row under the alias `r`, and what makes an item of the response of it: a `columns` of src/Tables. */
  readonly columns: {
    readonly select: (sql: SqlClient.SqlClient, tables: BotTables) => Fragment
    readonly read: (tables: BotTables) => (row: Row) => Item
  }
}

/** The total as facts have it. */
export interface KeptTotal {
  readonly total: (grant: Grant) => Fragment
  /** How many rows of the list a fact stands for; undefined where only a look at the rows can tell. */
  readonly count: (fact: Fact) => number | undefined
}

/** Which rows of the list a request asks for: one definition for all that depends on it. */
export interface Filter {
  /** What a cursor is good for beside the list and the bot. */
  readonly scope: CursorScope
  /** Conditions on the table's columns under an alias, for what they are in this database. */
  readonly conditions: (alias: "k" | "r", tables: BotTables) => ReadonlyArray<Fragment>
  /** Undefined where facts do not know how many rows that is. */
  readonly kept: KeptTotal | undefined
}

export interface Page<Item> {
  readonly items: ReadonlyArray<Item>
  readonly total: number
  readonly page: number
  readonly limit: number
  readonly next_cursor: string | null
}

/**
 * One page of a list, by its number or by a cursor, in one statement: a heading with the total of all pages, and a row for
 * each row of the page. One row more than the page has is asked for, to know whether there is a next one.
 */
export class Lists extends Effect.Service<Lists>()("app/Lists/Lists", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const access = yield* BotAccess
    const facts = yield* Facts
    const cursors = yield* Cursors
    const keys = yield* pageKeys
    const readiness = yield* Readiness
    const readable = yield* ReadableRows
    const memory = yield* ResponseMemory
    const { inOrder } = yield* columnExpressions

    const headingOf = <const Name extends string>(names: ReadonlyArray<Name>) => {
      const { nulls, of, select } = heading(sql, names)
      return { select, nulls, outside: of("page") }
    }
    const countedHead = headingOf(["total"])
    const keptHead = headingOf([...STANDING, "total"])

    const page = <Item>(
      { columns, order }: List<Item>,
      asked: Paged & { readonly bot_id: BotId },
      { conditions, kept, scope: filterScope }: Filter
    ): Effect.Effect<Page<Item>, InvalidRequest | AccessDenied | ServiceUnavailable, CurrentAdmin | Scope.Scope> => {
      const { bot_id, cursor, limit } = asked
      const scope: CursorScope = [order.table, bot_id, ...filterScope]
      const orderIn = (tables: BotTables) => inOrder(tables, order.table, order.key)
      const chosenOf = (alias: "k" | "r", tables: BotTables) => {
        const all = conditions(alias, tables)
        return all.length === 0 ? sql.literal("") : sql` AND ${sql.and(all)}`
      }

      const statementFrom =
        ({ offset, position }: Start) =>
        (grant: Grant, tables: BotTables, standing?: Standing) => {
          const chosen = chosenOf("k", tables)
          const head =
            standing !== undefined && kept !== undefined
              ? { ...keptHead, select: keptHead.select({ ...standing.columns, total: kept.total(grant) }) }
              : {
                  ...countedHead,
                  select: countedHead.select({
                    total: sql`(SELECT COUNT(*) FROM ${grant.where(order.table, "k")}${chosen})`
                  })
                }
          const ordered = orderIn(tables)
          const exact = (key: Fragment) => (ordered === undefined ? key : ordered(key))
          const found = keys(order, {
            rows: (keyword: Keyword) => sql`${grant.alone(order.table, "k", keyword)}${chosen}`,
            after: position,
            limit: limit + 1 + (position?.seen ?? 0),
            offset: position === undefined ? String(offset) : "0",
            inOrder: ordered,
            column: tables.column(order.table, order.key)
          })
          const [entry, key] = [sql`found.id`, sql`${sql(`r.${order.key}`)}`]
          const isExact =
            ordered === undefined ? sql.literal("") : sql` AND ${ordered(key)} <=> ${ordered(sql`page.id`)}`
          // Each key of the page is there once, and brings all rows of its time that have it (src/Lists/PageRows.ts): those
          // of them that the filter takes.
          // The keys are the first table, and sorted before the wide columns are there: else MariaDB would sort on disk.
          // A key may be unique within each bot alone, so the row must be of the same bot.
          // The hint keeps MySQL, while it takes the table for empty, from reading all of it for a hash join.
          return sql`
            SELECT /*+ NO_BNL(r) */ ${head.outside}, page.place AS place, ${columns.select(sql, tables)}
            FROM (
              SELECT ${head.select}, NULL AS bot_id, NULL AS time, NULL AS id, NULL AS place
              FROM ${standing?.granted ?? grant.granted}
              UNION ALL (
                SELECT ${head.nulls}, MAX(found.bot_id), found.time, MAX(${entry}),
                  CAST(SUM(COUNT(*)) OVER (ORDER BY found.time DESC, ${exact(entry)} DESC) AS SIGNED)
                FROM (${found}) AS found GROUP BY found.time, ${exact(entry)}
              )
            ) AS page
            LEFT JOIN ${beside(sql, tables, order.table, "page")(order.table, "r", "ON")} AND ${key} <=> page.id${isExact}
              AND ${sql(`r.${order.time}`)} <=> page.time${chosenOf("r", tables)}
            ORDER BY page.place`
        }

      /** The rows, and how many the facts do not know of yet. */
      const readFrom = (start: Start) =>
        Effect.gen(function* () {
          const statement = statementFrom(start)
          let rows = new PageRows(order, limit, start)
          const reader = () => {
            rows = new PageRows(order, limit, start)
            return rows
          }
          const counted = Effect.map(access.query(bot_id, statement, reader), () => ({ rows, more: 0 }))
          if (kept === undefined) return yield* counted
          const found = yield* facts.query(bot_id, statement, reader)
          if (Option.isNone(found)) return yield* counted
          const differences = found.value.difference.map(kept.count)
          const more = differences.reduce<number>((sum, n) => sum + (n ?? 0), 0)
          return differences.includes(undefined) ? yield* counted : { rows, more }
        })

      /** A page by its number that begins within copies: from where it begins on. */
      const clear = (start: Start, copies: NonNullable<PageRows["unclear"]>) =>
        access.read(
          bot_id,
          ({ granted, where }, tables) => sql`
            SELECT (SELECT COUNT(*) FROM ${where(order.table, "k")}${chosenOf("k", tables)}
              AND ${newerThan(sql, order, copies, {
                inOrder: orderIn(tables),
                column: tables.column(order.table, order.key)
              })}) AS rows_before FROM ${granted}`,
          ([{ rows_before }]): Start => ({
            offset: start.offset,
            position: {
              ...copies,
              passed: Number(start.offset),
              seen: Math.max(0, Number(start.offset) - Number(rows_before))
            }
          })
        )

      return Effect.gen(function* () {
        const position = cursor === undefined ? undefined : yield* cursors.read(scope, cursor)
        const start = { position, offset: position === undefined ? rowsBefore(asked) : BigInt(position.passed) }
        const settle = yield* memory.room
        const first = yield* readFrom(start)
        const { unclear } = first.rows
        const read = unclear === undefined ? first : yield* Effect.flatMap(clear(start, unclear), readFrom)
        const { bytes, heading, next, rows } = read.rows.page()
        settle(bytes)
        const items = yield* readable.readAll(rows, columns.read(yield* readiness.tables))
        return {
          items,
          total: Number(heading?.total) + read.more,
          page: pageAfter(start.offset, limit),
          limit,
          next_cursor:
            next === undefined ? null : cursors.write(scope, { ...next, passed: Number(start.offset) + rows.length })
        }
      })
    }

    return { page } as const
  })
}) {}
