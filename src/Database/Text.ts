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
    /** Compared by their code points. */
    byCodePoints: (text: Fragment) => sql`CONVERT(${text} USING utf8mb4) COLLATE utf8mb4_bin`
  }
})

/** Whether the column's own order is that of code points, so that an index has it. */
export const isByCodePoints = ({ collation }: FoundColumn): boolean => /^(utf8|ascii).*_bin$/.test(collation ?? "")
