import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"

/** The tables that the bots write. */
export const BOT_TABLES = ["bots", "users", "payments", "subscriptions"] as const
export type BotTable = (typeof BOT_TABLES)[number]

/** A column as it was found, in lower case: the type without its length, as in `varchar`; the collation of a text. */
export interface FoundColumn {
  readonly type: string
  readonly collation: string | null
}

/**
 * What the bots' tables look like in this database. They were made by other software: columns may be missing, and may stay
 * missing where our account has no right to add them; types and collations may be any.
 */
export interface BotTables {
  /** The column, or undefined where the table has none of this name. */
  readonly column: (table: BotTable, column: string) => FoundColumn | undefined
}

interface ColumnRow {
  readonly table_name: string
  readonly column_name: string
  readonly type: string
  readonly collation: string | null
}

/** Looks at the columns of the four tables. */
export const read = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<ColumnRow>`
    SELECT LOWER(table_name) AS table_name, LOWER(column_name) AS column_name, LOWER(data_type) AS type,
      LOWER(collation_name) AS collation
    FROM information_schema.columns
    WHERE table_schema = DATABASE() AND table_name IN ${sql.in(BOT_TABLES)}`
  const columns = new Map(
    rows.map(({ collation, column_name, table_name, type }) => [`${table_name}.${column_name}`, { type, collation }])
  )
  return { column: (table, column) => columns.get(`${table}.${column}`) } satisfies BotTables
})

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
