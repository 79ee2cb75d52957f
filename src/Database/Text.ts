import * as SqlClient from "@effect/sql/SqlClient"
import type { Fragment } from "@effect/sql/Statement"
import * as Effect from "effect/Effect"
import type { FoundColumn } from "./BotTables.js"

/**
 * Text compared as the contract says: without regard to case and surrounding blanks. The column's own collation has no say,
 * because on a database that was there before us it may ignore accents too.
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
    /**
     * What puts the texts of a column in the order of their code points; undefined where the column's own order is that, so
     * that an index has it.
     */
    byCodePoints: (column: FoundColumn | undefined) =>
      /^(utf8|ascii).*_bin$/.test(column?.collation ?? "")
        ? undefined
        : (text: Fragment) => sql`CONVERT(${text} USING utf8mb4) COLLATE utf8mb4_bin`
  }
})
