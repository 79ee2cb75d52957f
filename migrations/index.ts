import type { Migration, MigrationFile } from "../src/Database/Migrator.js"
import createAdmins from "./0001_create_admins.js"
import createBotTables from "./0002_create_bot_tables.js"
import addMissingColumns from "./0003_add_missing_columns.js"
import addIndexes from "./0004_add_indexes.js"
import createFacts from "./0005_create_facts.js"
import followTheLog from "./0006_follow_the_log.js"
import audit from "./0007_audit.js"
import accountsOfOurOwn from "./0008_accounts_of_our_own.js"

const files: Record<string, Migration> = {
  "0001_create_admins": createAdmins,
  "0002_create_bot_tables": createBotTables,
  "0003_add_missing_columns": addMissingColumns,
  "0004_add_indexes": addIndexes,
  "0005_create_facts": createFacts,
  "0006_follow_the_log": followTheLog,
  "0007_audit": audit,
  "0008_accounts_of_our_own": accountsOfOurOwn
}

/** Every step, in order. A test holds this list against the folder, so that no file is forgotten. */
export const migrations: ReadonlyArray<MigrationFile> = Object.entries(files).map(([name, run]) => ({
  id: Number(name.slice(0, 4)),
  name,
  run
}))
