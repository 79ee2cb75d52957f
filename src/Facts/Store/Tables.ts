import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import { createTable, tableExists } from "../../Database/Ddl.js"
import { orGap } from "../../Database/Gaps.js"

/** The service's own tables in which it keeps facts. None of them holds anything that the bots' tables could not give again. */

/** A user's id in the bots' tables, of any integer type, signed or not. */
const ANY_ID = "DECIMAL(20,0)"

const LABEL = "VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL"

const tables: Readonly<Record<string, string>> = {
  // Users whose rows have changed since their facts were worked out. Writers only ever append: each has a row of its own.
  bot_analytics_marks: `bot_id BIGINT NOT NULL, id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT, user_id ${ANY_ID} NOT NULL,
    PRIMARY KEY (bot_id, id), KEY (id)`,
  // Bots whose facts are built, or being built: then up to the user `marked_to`.
  bot_analytics_bots: `bot_id INT NOT NULL PRIMARY KEY, signature CHAR(64) NOT NULL, marked_to ${ANY_ID} NULL,
    built_at DATETIME(3) NULL`,
  // What each user counts as, as JSON: what to take back when the user's rows change.
  bot_analytics_users: `bot_id INT NOT NULL, user_id ${ANY_ID} NOT NULL,
    facts LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, PRIMARY KEY (bot_id, user_id)`,
  // Days of UTC, as src/Facts/Store/Counts.ts has them. \`day\` counts from 1970.
  bot_analytics_days:
    "bot_id INT NOT NULL, day INT NOT NULL, counts VARBINARY(2304) NOT NULL, PRIMARY KEY (bot_id, day)",
  // Figures over all time.
  bot_analytics_totals: `bot_id INT NOT NULL, metric VARCHAR(16) NOT NULL, label ${LABEL}, n BIGINT NOT NULL,
    amount DECIMAL(38,8) NOT NULL, PRIMARY KEY (bot_id, metric, label)`,
  // PAID amounts of a stretch of time: \`width\` quarters of an hour (1, or 96: a day), from the quarter \`start\` on.
  bot_analytics_revenue: `bot_id INT NOT NULL, width SMALLINT NOT NULL, start INT NOT NULL, currency ${LABEL},
    amount DECIMAL(38,8) NOT NULL, PRIMARY KEY (bot_id, width, start, currency)`
}

export const MARKS = "bot_analytics_marks"
export const TABLES: ReadonlyArray<string> = Object.keys(tables)

/** What it means that facts can't be kept, for whoever reads the log. */
export const COST = "without it, analytics, the summary and totals are worked out from all of a bot's rows each time"

/** Creates the tables, where the account may. Elsewhere the service answers without them. */
export const createTables = Effect.forEach(
  Object.entries(tables),
  ([table, columns]) =>
    Effect.unlessEffect(
      orGap(createTable(table, columns), {
        table,
        statement: `CREATE TABLE ${table} (${columns.replace(/\s+/g, " ")})`,
        cost: COST
      }),
      tableExists(table)
    ),
  { discard: true }
)

/** Whether all of them are there. */
export const tablesExist = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const found = yield* sql`
    SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name IN ${sql.in(TABLES)}`
  return found.length === TABLES.length
})
