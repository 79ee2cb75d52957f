import type { SqlClient } from "@effect/sql/SqlClient"
import type { Row } from "@effect/sql/SqlConnection"
import type { Fragment } from "@effect/sql/Statement"

/**
 * Columns of the first row of a UNION, which tells something about all others. Each part of the UNION names them by this one
 * value, so that no part can have them in another order.
 */
interface Heading<Name extends string> {
  /** In the part that makes the first row. */
  readonly select: (expressions: Readonly<Record<Name, Fragment>>) => Fragment
  /** In the other parts. */
  readonly nulls: Fragment
  /** Outside, where the UNION is a table under this alias. */
  readonly of: (alias: string) => Fragment
}

/** For a SELECT: each expression under its name. */
export const named = (sql: SqlClient, columns: Readonly<Record<string, Fragment>>): Fragment =>
  sql.csv(Object.entries(columns).map(([name, expression]) => sql`${expression} AS ${sql(name)}`))

const MARK = "is_heading"

/** To be made once, not for each statement. */
export const heading = <const Name extends string>(sql: SqlClient, names: ReadonlyArray<Name>): Heading<Name> => {
  const mark = sql`1 AS ${sql(MARK)}`
  const all = [MARK, ...names]
  return {
    select: (expressions) => sql.csv([mark, ...names.map((name) => sql`${expressions[name]} AS ${sql(name)}`)]),
    nulls: sql.csv(all.map((name) => sql`NULL AS ${sql(name)}`)),
    of: (alias) => sql.csv(all.map((name) => sql`${sql(`${alias}.${name}`)}`))
  }
}

/** Which row of a UNION comes first is the server's choice: this tells the heading from the others. */
export const isHeading = (row: Row): boolean => row[MARK] === 1
