import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"

/** The tables that the bots write. */
export const BOT_TABLES = ["bots", "users", "payments", "subscriptions"] as const
export type BotTable = (typeof BOT_TABLES)[number]

export const isBotTable = (name: string): name is BotTable => (BOT_TABLES as ReadonlyArray<string>).includes(name)

/** A column as it was found, in lower case. How each type is read: src/Tables/Types.ts. */
export interface FoundColumn {
  /** Without its length, as in `varchar`. */
  readonly type: string
  /** As it was declared: `varchar(64)`, `bigint(20) unsigned`. */
  readonly declared: string
  /** Of a text. */
  readonly collation: string | null
  /** How many characters a text may have. */
  readonly length: number | null
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
  readonly declared: string
  readonly collation: string | null
  readonly length: number | string | null
}

/** Looks at the columns of the four tables. Of the same shape are those with the same columns, types and collations. */
export const look = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const rows = yield* sql<ColumnRow>`
    SELECT LOWER(table_name) AS table_name, LOWER(column_name) AS column_name, LOWER(data_type) AS type,
      LOWER(column_type) AS declared, LOWER(collation_name) AS collation, character_maximum_length AS length
    FROM information_schema.columns
    WHERE table_schema = DATABASE() AND table_name IN ${sql.in(BOT_TABLES)}
    ORDER BY table_name, ordinal_position`
  const columns = new Map(
    rows.map(({ column_name, length, table_name, ...column }): [string, FoundColumn] => [
      `${table_name}.${column_name}`,
      { ...column, length: length === null ? null : Number(length) }
    ])
  )
  const shape = JSON.stringify([...columns])
  return { shape, tables: { column: (table, column) => columns.get(`${table}.${column}`) } satisfies BotTables }
})

/** The four tables as they are at this moment. */
export const read = Effect.map(look, ({ tables }) => tables)

/** Fails where the table, or what a view reads from, is not there or not ours to read. */
export const probe = (table: BotTable) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(`SELECT 1 FROM ${table} LIMIT 0`).unprepared)

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
