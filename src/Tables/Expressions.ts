import * as SqlClient from "@effect/sql/SqlClient"
import type { Fragment } from "@effect/sql/Statement"
import * as Effect from "effect/Effect"
import type { BotTable, BotTables, FoundColumn } from "../Database/BotTables.js"
import { isByCodePoints, textExpressions } from "../Database/Text.js"
import { isOne, isText, type Role, valueOf } from "./Types.js"

/** A column for JSON. */
export interface JsonColumn {
  /** JSON, or text; NULL where there is no such column. */
  readonly value: Fragment
  /** Its type lets it hold nothing else. */
  readonly isJson: boolean
}

/**
 * What the bots' columns say, as SQL expressions for the types that this database has (src/Tables/Types.ts). On tables of the
 * contract's types they are the columns themselves.
 */
export const columnExpressions = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const text = yield* textExpressions

  const nameOf = (alias: string, column: string) => `${alias}.\`${column}\``

  const value = (role: Role, found: FoundColumn | undefined, name: string) =>
    sql.literal(found === undefined ? "NULL" : valueOf(role, found, name))

  const status = (tables: BotTables, table: "payments" | "subscriptions", alias: string) =>
    value("text", tables.column(table, "status"), nameOf(alias, "status"))

  /** Undefined where each amount is one. */
  const hasAmount = (tables: BotTables, alias: string): Fragment | undefined => {
    const found = tables.column("payments", "amount")
    const condition = found && isOne("money", found, nameOf(alias, "amount"))
    return condition === undefined ? undefined : sql.literal(condition)
  }

  return {
    status,

    /** A DECIMAL(65, 8); null where the column is. */
    amount: (tables: BotTables, alias: string) =>
      value("money", tables.column("payments", "amount"), nameOf(alias, "amount")),

    hasAmount,

    /**
     * Whether the payment is money received. Where its amount is none, which a text may be, nobody knows how much: then it
     * is in no figure, as it is in no page.
     */
    isPaid: (tables: BotTables, alias: string): Fragment => {
      const isPaid = sql`${text.fold(status(tables, "payments", alias))} = 'paid'`
      const known = hasAmount(tables, alias)
      return known === undefined ? isPaid : sql`(${isPaid} AND ${known})`
    },

    /**
     * What puts keys in the order of a list: numbers as numbers, texts by their code points. Undefined where an index on the
     * column has that order.
     */
    inOrder: (tables: BotTables, table: BotTable, column: "uid" | "bill_id") => {
      const found = tables.column(table, column)
      if (found === undefined || !isText(found)) return undefined
      if (column === "uid") return (key: Fragment) => sql`CAST(${key} AS DECIMAL(65, 0))`
      return isByCodePoints(found) ? undefined : text.byCodePoints
    },

    meta: (tables: BotTables, table: BotTable, alias: string): JsonColumn => {
      const found = tables.column(table, "meta")
      return {
        value: value("json", found, nameOf(alias, "meta")),
        isJson: found === undefined || found.type === "json"
      }
    },

    /** A number, whatever the column's type. */
    id: (tables: BotTables, table: BotTable, column: string, name: string): Fragment =>
      value("id", tables.column(table, column), name)
  }
})
