import * as SqlClient from "@effect/sql/SqlClient"
import type { Row } from "@effect/sql/SqlConnection"
import type { Fragment } from "@effect/sql/Statement"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { BotAccess } from "../Access/BotAccess.js"
import type { BotTables } from "../Database/BotTables.js"
import { Readiness } from "../Database/Readiness.js"
import type { BotId } from "../Domain/Ids.js"
import { type Paged, pageAfter, rowsBefore } from "../Domain/Parameters.js"
import { Facts } from "../Facts/Facts.js"
import type { Fact } from "../Facts/Store/Fact.js"
import { Cursors, Position, type Scope } from "./Cursors.js"
import { type Order, pageKeys } from "./Keys.js"

/** A list as its repository tells it. */
export interface List<Item> {
  readonly order: Order
  /** From a row of the driver to an item of the answer. */
  readonly read: (tables: BotTables) => (row: Row) => Item
}

export interface KeptTotal {
  readonly total: Fragment
  /** How many rows of the list a fact stands for; undefined where only a look at the rows can tell. */
  readonly count: (fact: Fact) => number | undefined
}

export interface Query {
  /** The rows of the list, as a condition on the alias `k`. */
  readonly chosen: Fragment
  /** How many rows that is, counted. */
  readonly total: Fragment
  /** The same from facts, where they know it. */
  readonly kept?: KeptTotal | undefined
  /** The columns of a row, of the alias `r`. */
  readonly columns: Fragment
  /** Where the index does not have the list's order: see src/Lists/Keys.ts. */
  readonly inOrder?: ((key: Fragment) => Fragment) | undefined
}

interface Source {
  readonly granted: Fragment
  /** What facts the bot has: see src/Facts/Facts.ts. Without it, the total is counted. */
  readonly standing?: Fragment
}

const toPosition = Schema.decodeUnknownSync(Position)

/**
 * One page of a list, by its number or by a cursor, in one statement: a row with the total of all pages, and a row for each
 * row of the page. One row more than the page has is asked for, to know whether there is a next one.
 */
export class Lists extends Effect.Service<Lists>()("app/Lists/Lists", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const access = yield* BotAccess
    const facts = yield* Facts
    const cursors = yield* Cursors
    const keys = yield* pageKeys
    const readiness = yield* Readiness
    const NOTHING = sql.literal("")
    const STANDING = sql.literal("standing.built, standing.lost, standing.marks, standing.last_mark, ")
    const ITS_STANDING = sql.literal("page.built, page.lost, page.marks, page.last_mark, ")
    const NULL = sql.literal("NULL, ")
    const NULLS = sql.literal("NULL, NULL, NULL, NULL, NULL, ")

    const page = <Item>(
      { order, read }: List<Item>,
      asked: Paged & { readonly bot_id: BotId },
      filters: Scope,
      query: (tables: BotTables) => Query
    ) =>
      Effect.gen(function* () {
        const { bot_id, cursor, limit } = asked
        const scope: Scope = [order.table, bot_id, ...filters]
        const after = cursor === undefined ? undefined : yield* cursors.read(scope, cursor)
        const before = after === undefined ? rowsBefore(asked) : BigInt(after.passed)

        const statement = ({ granted, standing }: Source, tables: BotTables) => {
          const { chosen, columns, inOrder, kept, total } = query(tables)
          const isKept = standing !== undefined && kept !== undefined
          // Counted, not EXISTS: of that MySQL would make a join, and walk over the rows of a bot that is not granted.
          const window = {
            chosen: sql`(SELECT COUNT(*) FROM ${granted}) > 0 AND ${chosen}`,
            after,
            limit: limit + 1,
            offset: after === undefined ? String(before) : "0",
            inOrder,
            lead: isKept ? NULLS : NULL
          }
          const id = sql`page.id`
          // The keys are the first table, and sorted before the wide columns are there: else MariaDB would sort on disk.
          // The bot is asked for again with the row: a key may be unique within each bot alone (a bill's number, a view's id).
          // The hint keeps MySQL, while it takes the table for empty, from reading all of it for a hash join.
          return sql`
            SELECT /*+ NO_BNL(r) */ ${isKept ? ITS_STANDING : NOTHING}page.total, ${columns}
            FROM (
              SELECT ${isKept ? STANDING : NOTHING}${isKept ? kept.total : total} AS total, NULL AS time, NULL AS id,
                NULL AS held
              FROM ${isKept ? standing : granted}
              UNION ALL (${keys(order, window)})
            ) AS page
            LEFT JOIN ${sql(order.table)} r ON ${sql(`r.${order.key}`)} = page.id AND r.bot_id = ${bot_id}
            ORDER BY page.time DESC, ${inOrder === undefined ? id : inOrder(id)} DESC`
        }

        const answer = (rows: ReadonlyArray<Row>, tables: BotTables, more: number) => {
          const found = rows.filter((row) => row.total === null)
          const items = found.slice(0, limit)
          const last = found.length > limit ? items.at(-1) : undefined
          const total = rows.find((row) => row.total !== null)?.total
          return {
            items: items.map(read(tables)),
            total: more === 0 ? total : Number(total) + more,
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

        const counted = access.read(
          bot_id,
          (granted, tables) => statement({ granted }, tables),
          (rows, tables) => answer(rows, tables, 0)
        )
        const { kept } = query(yield* readiness.tables)
        if (kept === undefined) return yield* counted
        const found = yield* facts.query(bot_id, statement)
        if (Option.isNone(found)) return yield* counted
        const more = found.value.difference.map(kept.count)
        if (more.includes(undefined)) return yield* counted
        return answer(
          found.value.rows,
          yield* readiness.tables,
          more.reduce<number>((sum, n) => sum + (n ?? 0), 0)
        )
      })

    return { page } as const
  })
}) {}
