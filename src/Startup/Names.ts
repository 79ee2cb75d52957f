import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import { migrations } from "../../migrations/index.js"
import { BOT_TABLES } from "../Database/BotTables.js"
import { foreignIndexes } from "../Database/Ddl.js"
import * as Migrator from "../Database/Migrator.js"
import { foreignAmong } from "../Database/OwnTables.js"
import { OLD_TABLES } from "../Facts/Setup/OldTriggers.js"
import { OWN_TABLES } from "../Facts/Store/Tables.js"
import { accounts } from "../Tables/Accounts.js"
import { indexes } from "../Tables/Indexes.js"

/** Names in this database that lead astray, in words for the operator. */

const OURS = [accounts, Migrator.table, ...OWN_TABLES]

const KNOWN = new Set([
  ...[...OURS, ...OLD_TABLES].map(({ table }) => table),
  // Of `npm run demo`.
  "bot_analytics_demo"
])

/** Tables with our prefix of which this version knows nothing. A newer version may have made some, and says so otherwise. */
const unknownTables = Effect.gen(function* () {
  if ((yield* Migrator.newer(migrations)).length > 0) return []
  const sql = yield* SqlClient.SqlClient
  const found = yield* sql<{ readonly name: string }>`
    SELECT LOWER(table_name) AS name FROM information_schema.tables
    WHERE table_schema = DATABASE() AND table_name LIKE 'bot\\_analytics\\_%' ORDER BY table_name`
  return found
    .filter(({ name }) => !KNOWN.has(name))
    .map(({ name }) => `the table ${name} has the service's prefix and is not of its making. Rename it`)
})

/** On a server that tells `Users` from `users`, the bots may write the one while the service reads the other. */
const otherCase = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const found = yield* sql<{ readonly name: string; readonly type: string }>`
    SELECT table_name AS name, table_type AS type FROM information_schema.tables
    WHERE table_schema = DATABASE() AND LOWER(table_name) IN ${sql.in(BOT_TABLES)} AND @@lower_case_table_names = 0
    ORDER BY table_name`
  return found.flatMap(({ name }) => {
    const read = name.toLowerCase()
    const isMended = found.some((table) => table.name === read && table.type === "VIEW")
    if (name === read || isMended) return []
    const away = found.some((table) => table.name === read) ? `RENAME TABLE ${read} TO ${read}_unused; ` : ""
    return [
      `the service reads the table ${read}, and there is ${name}, which differs in case only. If the bots write ${name}: ${away}CREATE VIEW ${read} AS SELECT * FROM ${name};`
    ]
  })
})

export const oddNames = Effect.gen(function* () {
  const foreign = yield* foreignAmong(OURS)
  return [
    ...foreign.map(({ message }) => message),
    ...(yield* unknownTables),
    ...(yield* foreignIndexes(indexes)),
    ...(yield* otherCase)
  ]
})

/** Whether the bots have made none of their tables here: then DATABASE_URL may name another database than theirs. */
export const isWithoutBots = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const found = yield* sql`
    SELECT 1 FROM information_schema.tables
    WHERE table_schema = DATABASE() AND LOWER(table_name) IN ${sql.in(BOT_TABLES)} LIMIT 1`
  return found.length === 0
})

export const explainWithoutBots = (database: string): string =>
  `The database ${database} had none of the bots' tables ${BOT_TABLES.join(", ")}: the service has made them, and they are empty. If the bots write elsewhere, DATABASE_URL has to name that database`
