import * as SqlClient from "@effect/sql/SqlClient"
import type { Fragment } from "@effect/sql/Statement"
import * as Effect from "effect/Effect"

/**
 * What the bots' tables look like in this database. They were made by other software: columns may be missing and may stay
 * missing where our account has no right to add them, and text may be in any collation.
 */
export interface BotTables {
  readonly has: (table: BotTable, column: string) => boolean
  /** Whether the column is of a type that holds nothing but JSON: MariaDB has none, and older tables may have TEXT. */
  readonly isJson: (table: BotTable, column: string) => boolean
  /** Whether comparing and sorting `payments.bill_id` as it stands goes by code points, so that an index serves it. */
  readonly billIdIsBinary: boolean
}

const TABLES = ["bots", "users", "payments", "subscriptions"] as const
export type BotTable = (typeof TABLES)[number]

/** Columns without which there is nothing to answer; the migrations create tables that have them. */
const REQUIRED: Record<BotTable, ReadonlyArray<string>> = {
  bots: ["uid", "bot_id", "admin_id"],
  users: ["uid", "user_id", "bot_id", "reg_date"],
  payments: ["bill_id", "user_id", "bot_id", "amount", "currency", "status", "date"],
  subscriptions: ["uid", "user_id", "bot_id", "status", "start_date"]
}

interface ColumnRow {
  readonly table_name: BotTable
  readonly column_name: string
  readonly collation_name: string | null
  readonly data_type: string
}

/** Reads the columns of the four tables, and the required ones that are missing. */
export const read = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<ColumnRow>`
    SELECT LOWER(table_name) AS table_name, LOWER(column_name) AS column_name, collation_name AS collation_name,
      LOWER(data_type) AS data_type
    FROM information_schema.columns
    WHERE table_schema = DATABASE() AND table_name IN ${sql.in(TABLES)}`
  const columns = new Map(rows.map((row) => [`${row.table_name}.${row.column_name}`, row]))
  const has = (table: BotTable, column: string) => columns.has(`${table}.${column}`)
  const missing = TABLES.flatMap((table) =>
    REQUIRED[table].filter((column) => !has(table, column)).map((column) => `${table}.${column}`)
  )
  const tables: BotTables = {
    has,
    isJson: (table, column) => columns.get(`${table}.${column}`)?.data_type === "json",
    billIdIsBinary: /^(utf8|ascii).*_bin$/.test(columns.get("payments.bill_id")?.collation_name ?? "")
  }
  return { tables, missing }
})

/**
 * Selects columns that a bots' table may lack: `column("invited")` is the column, or null under its name where there is
 * none; a default stands in for null where the contract says that there always is a value.
 */
export const optionalColumns =
  (sql: SqlClient.SqlClient, tables: BotTables, table: BotTable, alias: string) =>
  (column: string, fallback?: string): Fragment => {
    const value = tables.has(table, column) ? sql`${sql(`${alias}.${column}`)}` : sql`NULL`
    return fallback === undefined
      ? sql`${value} AS ${sql(column)}`
      : sql`COALESCE(${value}, ${fallback}) AS ${sql(column)}`
  }

/** What depends on nothing but the shape of the bots' tables, worked out once for as long as it stays the same. */
export const forTables = <A>(make: (tables: BotTables) => A): ((tables: BotTables) => A) => {
  const made = new WeakMap<BotTables, { readonly value: A }>()
  return (tables) => {
    const known = made.get(tables)
    if (known !== undefined) return known.value
    const value = make(tables)
    made.set(tables, { value })
    return value
  }
}
