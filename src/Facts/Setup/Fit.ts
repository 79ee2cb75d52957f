import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import type { FoundColumn } from "../../Database/BotTables.js"
import * as BotTables from "../../Database/BotTables.js"
import { indexExists, indexStatement } from "../../Database/Ddl.js"
import { TABLES, type Table } from "../../Follower/Doubt.js"
import { isInteger, isNumber } from "../../Tables/Types.js"
import type { Reason } from "../State.js"

/**
 * Whether facts can be kept of these tables. They were made by other software. Whether the log tells all that changes in
 * them is another question (src/Follower/Suitability.ts).
 */

/** Longer labels would not fit into our own tables. */
const LONGEST_LABEL = 255

const TIME_COLUMNS: Readonly<Record<Table, string>> = {
  users: "reg_date",
  payments: "date",
  subscriptions: "start_date"
}
const LABEL = `VARCHAR(${LONGEST_LABEL})`

/** A bot's id is an integer of ours, and the log is read for ids that are integers. */
const whyId = (found: FoundColumn, column: string): string | undefined => {
  if (!isInteger(found)) return "is no integer"
  return column === "bot_id" && /^bigint.*unsigned/.test(found.declared) ? "may be larger than a BIGINT" : undefined
}

const whyLabel = (found: FoundColumn): string | undefined =>
  isNumber(found) || (found.length !== null && found.length <= LONGEST_LABEL)
    ? undefined
    : `may be longer than ${LONGEST_LABEL} characters`

/** Of the columns that facts are made of, each with what is asked of it. All else is asked before anything is answered. */
const ASKED: ReadonlyArray<readonly [string, ReadonlyArray<Table>, typeof whyId, wanted: string]> = [
  ["bot_id", TABLES, whyId, "BIGINT"],
  ["user_id", TABLES, whyId, "BIGINT"],
  ["currency", ["payments"], whyLabel, LABEL],
  ["status", ["subscriptions"], whyLabel, LABEL]
]

const whyColumns = (tables: BotTables.BotTables): ReadonlyArray<Reason> =>
  ASKED.flatMap(([column, of, ask, wanted]) =>
    of.flatMap((table) => {
      const found = tables.column(table, column)
      const why = found && ask(found, column)
      if (why === undefined) return []
      return [{ reason: `${table}.${column} ${why}`, remedy: `ALTER TABLE ${table} MODIFY ${column} ${wanted};` }]
    })
  )

const whyIndex = (table: Table): Reason => ({
  reason: `${table} has no index by bot_id and user_id`,
  remedy: `${indexStatement(table, `${table}_bot_user`, ["bot_id", "user_id", TIME_COLUMNS[table]])};`
})

/** Why there can be no facts: nothing where there can. */
export const obstacles: Effect.Effect<ReadonlyArray<Reason>, SqlError, SqlClient.SqlClient> = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const tables = yield* sql<{ readonly name: Table }>`
    SELECT LOWER(table_name) AS name FROM information_schema.tables
    WHERE table_schema = DATABASE() AND table_name IN ${sql.in(TABLES)} AND table_type = 'BASE TABLE' ORDER BY table_name`
  const indexes = yield* Effect.filter(tables, ({ name }) =>
    Effect.negate(indexExists(name, `${name}_bot_user`, ["bot_id", "user_id"]))
  )
  return [...indexes.map(({ name }) => whyIndex(name)), ...whyColumns(yield* BotTables.read)]
})
