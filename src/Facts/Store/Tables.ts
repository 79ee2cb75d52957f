import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import { createTable, run, tableExists } from "../../Database/Ddl.js"
import { orGap } from "../../Database/Gaps.js"
import { ANCHOR, LEASE_COLUMNS, LEASES } from "../../Database/Lease.js"
import type { OwnTable } from "../../Database/OwnTables.js"

/** The service's own tables in which it keeps facts. None of them holds anything that the bots' tables could not give again. */

/** A user's id in the bots' tables, of any integer type, signed or not. */
const ANY_ID = "DECIMAL(20,0)"

const LABEL = "VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL"

const AMOUNT = "DECIMAL(65,8) NOT NULL"

/** Where it can't be made, audits are remembered as long as the process lives. */
export const AUDITS = "bot_analytics_audits"

const tables: Readonly<Record<string, string>> = {
  // How the facts of each bot stand (src/Facts/Store/Kept.ts).
  bot_analytics_kept: `bot_id INT NOT NULL PRIMARY KEY, format SMALLINT NOT NULL, folds BIGINT NOT NULL, anchor ${ANCHOR},
    built_to ${ANY_ID} NULL, built_at DATETIME(3) NULL`,
  // Who does what one process at a time should do, and up to where the facts of all bots are.
  [LEASES]: LEASE_COLUMNS,
  // What each user counts as, as JSON: what to take back when the user's rows change.
  bot_analytics_users: `bot_id INT NOT NULL, user_id ${ANY_ID} NOT NULL,
    facts LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, PRIMARY KEY (bot_id, user_id)`,
  // Days of UTC, as src/Facts/Store/Counts.ts has them. \`day\` counts from 1970.
  bot_analytics_days:
    "bot_id INT NOT NULL, day INT NOT NULL, counts VARBINARY(2304) NOT NULL, PRIMARY KEY (bot_id, day)",
  // Figures over all time.
  bot_analytics_totals: `bot_id INT NOT NULL, metric VARCHAR(16) NOT NULL, label ${LABEL}, n BIGINT NOT NULL,
    amount ${AMOUNT}, PRIMARY KEY (bot_id, metric, label)`,
  // PAID amounts of a stretch of time: \`width\` quarters of an hour (1, or 96: a day), from the quarter \`start\` on.
  bot_analytics_revenue: `bot_id INT NOT NULL, width SMALLINT NOT NULL, start INT NOT NULL, currency ${LABEL},
    amount ${AMOUNT}, PRIMARY KEY (bot_id, width, start, currency)`,
  // How far the audit of each bot is, and what it has found (src/Facts/Store/Audits.ts).
  [AUDITS]: `bot_id INT NOT NULL PRIMARY KEY, passed_to ${ANY_ID} NULL, audited_at DATETIME(3) NULL,
    totals_found INT NOT NULL, users_found INT NOT NULL, found_at DATETIME(3) NULL, found VARCHAR(500) NULL`
}

export const KEPT = "bot_analytics_kept"
export const TABLES: ReadonlyArray<string> = Object.keys(tables)
export const OWN_TABLES: ReadonlyArray<OwnTable> = Object.entries(tables).map(([table, columns]) => ({
  table,
  columns
}))

/** Those that hold a bot's facts. */
export const FACTS = TABLES.filter((table) => table !== KEPT && table !== LEASES && table !== AUDITS)

/** Without one of these, there are no facts. */
const NEEDED = TABLES.filter((table) => table !== AUDITS)

/** What it means that facts can't be kept, for whoever reads the log. */
export const COST = "without it, analytics, the summary and totals are worked out from all of a bot's rows each time"

const costOf = (table: string): string =>
  table === AUDITS ? "without it, an audit of the figures begins anew with each start" : COST

const statementOf = (table: string): string => `CREATE TABLE ${table} (${tables[table]?.replace(/\s+/g, " ")})`

/** Creates the tables, where the account may. Elsewhere the service answers without them. */
export const createTables = Effect.forEach(
  Object.entries(tables),
  ([table, columns]) =>
    Effect.unlessEffect(
      orGap(createTable(table, columns), { table, statement: statementOf(table), cost: costOf(table) }),
      tableExists(table)
    ),
  { discard: true }
)

/** Tables of an earlier version hold amounts of 30 digits: one bot's larger ones would stop its figures. */
export const widenAmounts = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const narrow = yield* sql<{ readonly name: string }>`
    SELECT table_name AS name FROM information_schema.columns
    WHERE table_schema = DATABASE() AND table_name IN ${sql.in(TABLES)} AND column_name = 'amount'
      AND numeric_precision < 65 ORDER BY table_name`
  for (const { name } of narrow) {
    const statement = `ALTER TABLE ${name} MODIFY amount ${AMOUNT}`
    yield* orGap(run(statement), { table: name, statement, cost: COST })
  }
})

/** Those that are not there, or that the account may not see. */
export const missingTables = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const found = yield* sql<{ readonly name: string }>`
    SELECT LOWER(table_name) AS name FROM information_schema.tables
    WHERE table_schema = DATABASE() AND table_name IN ${sql.in(NEEDED)}`
  const names = new Set(found.map(({ name }) => name))
  return NEEDED.filter((table) => !names.has(table)).map((table) => ({ table, statement: statementOf(table) }))
})
