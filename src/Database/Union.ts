import type { SqlClient } from "@effect/sql/SqlClient"
import type { Row } from "@effect/sql/SqlConnection"
import type { Fragment } from "@effect/sql/Statement"

/** Columns by their names, each with its expression. */
export type Named = Readonly<Record<string, Fragment>>

/**
 * Columns of the first row of a UNION, which tells something about all others. Each part of the UNION names them by this one
 * value, so that no part can have them in another order.
 */
interface Heading {
  /** In the part that makes the first row. */
  readonly select: Fragment
  /** In the other parts. */
  readonly nulls: Fragment
  /** Outside, where the UNION is a table under this alias. */
  readonly of: (alias: string) => Fragment
}

/** For a SELECT: each expression under its name. */
export const named = (sql: SqlClient, columns: Named): Fragment =>
  sql.csv(Object.entries(columns).map(([name, expression]) => sql`${expression} AS ${sql(name)}`))

const MARK = "is_heading"

export const heading = (sql: SqlClient, columns: Named): Heading => {
  const all: Named = { [MARK]: sql`1`, ...columns }
  const names = Object.keys(all)
  return {
    select: named(sql, all),
    nulls: sql.csv(names.map((name) => sql`NULL AS ${sql(name)}`)),
    of: (alias) => sql.csv(names.map((name) => sql`${sql(`${alias}.${name}`)}`))
  }
}

/** Which row of a UNION comes first is the server's choice: this tells the heading from the others. */
export const isHeading = (row: Row): boolean => row[MARK] === 1
