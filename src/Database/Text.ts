import * as SqlClient from "@effect/sql/SqlClient"
import type { Fragment } from "@effect/sql/Statement"
import * as Effect from "effect/Effect"

/**
 * Text compared as the contract says: without regard to case and surrounding blanks, and with no regard to the column's
 * own collation either, which on a database that was there before us may take accents or case for nothing.
 */
export const textExpressions = Effect.map(SqlClient.SqlClient, (sql) => {
  // Blanks inside never make a word of ours, so turning tabs and line ends into spaces first changes no comparison.
  const trim = (text: Fragment) =>
    sql`TRIM(REPLACE(REPLACE(REPLACE(CONVERT(${text} USING utf8mb4), '\t', ' '), '\n', ' '), '\r', ' '))`
  const fold = (text: Fragment) => sql`LOWER(${trim(text)}) COLLATE utf8mb4_bin`
  return {
    /** The text in lower case, without surrounding blanks, compared byte by byte. */
    fold,
    /** Whether a payment's status says that money was received. */
    isPaid: (status: Fragment) => sql`${fold(status)} = 'paid'`,
    /** Ordered by code points whatever the column's collation. */
    binary: (text: Fragment) => sql`CONVERT(${text} USING utf8mb4) COLLATE utf8mb4_bin`
  }
})
