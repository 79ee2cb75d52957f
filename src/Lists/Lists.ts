import * as SqlClient from "@effect/sql/SqlClient"
import type { Row } from "@effect/sql/SqlConnection"
import type { Fragment } from "@effect/sql/Statement"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { BotAccess } from "../Access/BotAccess.js"
import type { Grant } from "../Access/Grant.js"
import type { BotTables } from "../Database/BotTables.js"
import { Readiness } from "../Database/Readiness.js"
import { heading, isHeading } from "../Database/Union.js"
import type { BotId } from "../Domain/Ids.js"
import { type Paged, pageAfter, rowsBefore } from "../Domain/Parameters.js"
import { Facts, STANDING, type Standing } from "../Facts/Facts.js"
import type { Fact } from "../Facts/Store/Fact.js"
import { beside, type Keyword } from "../Tables/Bound.js"
import { Cursors, Position, type Scope } from "./Cursors.js"
import { type Order, pageKeys } from "./Keys.js"

/** A list of a bot's rows, as its repository defines it. */
export interface List<Item> {
  readonly order: Order
  /** What a SELECT names of a row under the alias `r`, and what makes an item of the response of it: a `columns` of src/Tables. */
  readonly columns: {
    readonly select: (sql: SqlClient.SqlClient, tables: BotTables) => Fragment
    readonly read: (tables: BotTables) => (row: Row) => Item
  }
  /** Where the index does not have the list's order: see src/Lists/Keys.ts. */
  readonly inOrder?: (tables: BotTables) => ((key: Fragment) => Fragment) | undefined
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
  readonly scope: Scope
  /** Conditions on the alias `k`. */
  readonly conditions: ReadonlyArray<Fragment>
  /** Undefined where facts do not know how many rows that is. */
  readonly kept: KeptTotal | undefined
}

const toPosition = Schema.decodeUnknownSync(Position)

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

    const headingOf = <const Name extends string>(names: ReadonlyArray<Name>) => {
      const { nulls, of, select } = heading(sql, names)
      return { select, nulls, outside: of("page") }
    }
    const countedHead = headingOf(["total"])
    const keptHead = headingOf([...STANDING, "total"])

    const page = <Item>(
      { columns, inOrder, order }: List<Item>,
      asked: Paged & { readonly bot_id: BotId },
      { conditions, kept, scope: filterScope }: Filter
    ) =>
      Effect.gen(function* () {
        const { bot_id, cursor, limit } = asked
        const scope: Scope = [order.table, bot_id, ...filterScope]
        const after = cursor === undefined ? undefined : yield* cursors.read(scope, cursor)
        const before = after === undefined ? rowsBefore(asked) : BigInt(after.passed)
        const chosen = conditions.length === 0 ? sql.literal("") : sql` AND ${sql.and(conditions)}`

        const countOf = (grant: Grant) => sql`(SELECT COUNT(*) FROM ${grant.where(order.table, "k")}${chosen})`

        const statement = (grant: Grant, tables: BotTables, standing?: Standing) => {
          const rows = (keyword: Keyword) => sql`${grant.alone(order.table, "k", keyword)}${chosen}`
          const head =
            standing !== undefined && kept !== undefined
              ? { ...keptHead, select: keptHead.select({ ...standing.columns, total: kept.total(grant) }) }
              : { ...countedHead, select: countedHead.select({ total: countOf(grant) }) }
          const ordered = inOrder?.(tables)
          const window = {
            rows,
            after,
            limit: limit + 1,
            offset: after === undefined ? String(before) : "0",
            inOrder: ordered,
            lead: head.nulls
          }
          const id = sql`page.id`
          // The keys are the first table, and sorted before the wide columns are there: else MariaDB would sort on disk.
          // A key may be unique within each bot alone, so the row must be of the same bot.
          // The hint keeps MySQL, while it takes the table for empty, from reading all of it for a hash join.
          return sql`
            SELECT /*+ NO_BNL(r) */ ${head.outside}, ${columns.select(sql, tables)}
            FROM (
              SELECT ${head.select}, granted.bot_id AS bot_id, NULL AS time, NULL AS id, NULL AS held
              FROM ${standing?.granted ?? grant.granted}
              UNION ALL (${keys(order, window)})
            ) AS page
            LEFT JOIN ${beside(sql, order.table, "r", "page", "ON")} AND ${sql(`r.${order.key}`)} = page.id
            ORDER BY page.time DESC, ${ordered === undefined ? id : ordered(id)} DESC`
        }

        const response = (rows: ReadonlyArray<Row>, tables: BotTables, more: number) => {
          const found = rows.filter((row) => !isHeading(row))
          const shown = found.slice(0, limit)
          const last = found.length > limit ? shown.at(-1) : undefined
          return {
            items: shown.map(columns.read(tables)),
            total: Number(rows.find(isHeading)?.total) + more,
            page: pageAfter(before, limit),
            limit,
            next_cursor:
              last === undefined
                ? null
                : cursors.write(
                    scope,
                    toPosition({ time: last[order.time], key: last[order.key], passed: Number(before) + limit })
                  )
          }
        }

        const counted = access.read(bot_id, statement, (rows, tables) => response(rows, tables, 0))
        if (kept === undefined) return yield* counted
        const found = yield* facts.query(bot_id, statement)
        if (Option.isNone(found)) return yield* counted
        const more = found.value.difference.map(kept.count)
        if (more.includes(undefined)) return yield* counted
        return response(
          found.value.rows,
          yield* readiness.tables,
          more.reduce<number>((sum, n) => sum + (n ?? 0), 0)
        )
      })

    return { page } as const
  })
}) {}
