import * as SqlClient from "@effect/sql/SqlClient"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"

/**
 * Tables of the service's own stand in a database that others fill too, so what has the name of one may be somebody else's.
 * It is known by its columns, and left alone where it is none of ours.
 */
export interface OwnTable {
  readonly table: string
  /** As CREATE TABLE has them: `uid INT NOT NULL, amount DECIMAL(20,8) NULL, PRIMARY KEY (uid)`. */
  readonly columns: string
}

/** Another software's, under a name of ours. */
export class ForeignTable extends Data.TaggedError("ForeignTable")<{
  readonly table: string
  /** What tells, as in `it lacks user_id`. */
  readonly why: string
}> {
  override get message(): string {
    return `the table ${this.table} has a name of the service's own and is not of its making: ${this.why}. Rename it`
  }
}

interface FoundColumn {
  readonly table_name: string
  readonly name: string
  readonly is_view: number
  readonly is_demanded: number
}

/** Every comma that stands in no parentheses ends a column or a key. */
const namesIn = (columns: string): ReadonlyArray<string> =>
  columns
    .split(/,(?![^()]*\))/)
    .map((part) => part.trim().split(/\s/)[0]?.toLowerCase() ?? "")
    .filter((word) => !["primary", "unique", "key"].includes(word))

/** The columns that are there under these names of tables; of a table that the account may not see, none. */
const look = (tables: ReadonlyArray<OwnTable>) =>
  Effect.flatMap(
    SqlClient.SqlClient,
    (sql) => sql<FoundColumn>`
      SELECT LOWER(c.table_name) AS table_name, LOWER(c.column_name) AS name, t.table_type <> 'BASE TABLE' AS is_view,
        c.is_nullable = 'NO' AND c.column_default IS NULL AND c.extra = '' AS is_demanded
      FROM information_schema.columns c
      JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
      WHERE c.table_schema = DATABASE() AND c.table_name IN ${sql.in(tables.map(({ table }) => table))}
      ORDER BY c.ordinal_position`
  )

const whyForeign = ({ columns }: OwnTable, found: ReadonlyArray<FoundColumn>): string | undefined => {
  const ours = namesIn(columns)
  if (found.some(({ is_view }) => is_view === 1)) return "it is a view"
  const lacking = ours.filter((name) => !found.some((column) => column.name === name))
  if (lacking.length > 0) return `it lacks ${lacking.join(", ")}`
  // What a newer version added has a default.
  const demanded = found.filter(({ is_demanded, name }) => is_demanded === 1 && !ours.includes(name))
  return demanded.length === 0 ? undefined : `it demands ${demanded.map(({ name }) => name).join(", ")}`
}

/** Those of these names that are there and can't be ours. */
export const foreignAmong = (tables: ReadonlyArray<OwnTable>) =>
  Effect.map(look(tables), (rows) =>
    tables.flatMap((own): ReadonlyArray<ForeignTable> => {
      const found = rows.filter(({ table_name }) => table_name === own.table)
      const why = found.length === 0 ? undefined : whyForeign(own, found)
      return why === undefined ? [] : [new ForeignTable({ table: own.table, why })]
    })
  )

/** Fails where the table is there and can't be ours. */
export const demandOurs = (table: OwnTable) =>
  Effect.flatMap(foreignAmong([table]), ([foreign]) => (foreign === undefined ? Effect.void : Effect.fail(foreign)))

/** Whether the table is there with these columns and no others: what is only known by them is taken for ours then alone. */
export const isExactly = (own: OwnTable) =>
  Effect.map(look([own]), (rows) => {
    const ours = namesIn(own.columns)
    return rows.length === ours.length && rows.every(({ is_view, name }) => is_view === 0 && ours.includes(name))
  })
