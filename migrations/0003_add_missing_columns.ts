import * as Effect from "effect/Effect"
import { addColumn } from "../src/Database/Ddl.js"

/** Columns that an older bot's tables may lack. All may be null or have a default, so the bots' INSERTs go on working. */
const missing = (table: string, column: string, definition: string) =>
  addColumn(table, column, definition, `without it, ${column} is null or its default in every answer`)

export default Effect.all(
  [
    missing("bots", "username", "VARCHAR(64) NULL"),
    missing("bots", "ref_percent", "DECIMAL(5,2) NOT NULL DEFAULT 0"),
    missing("bots", "balance", "DECIMAL(20,8) NOT NULL DEFAULT 0"),
    missing("bots", "status", "VARCHAR(32) NOT NULL DEFAULT 'ACTIVE'"),
    missing("bots", "meta", "JSON NULL"),
    missing("users", "username", "VARCHAR(64) NULL"),
    missing("users", "invited", "VARCHAR(64) NULL"),
    missing("users", "reg_date", "DATETIME NULL"),
    missing("users", "ref_percent", "DECIMAL(5,2) NOT NULL DEFAULT 0"),
    missing("users", "meta", "JSON NULL"),
    missing("payments", "provider", "VARCHAR(32) NULL"),
    missing("payments", "meta", "JSON NULL"),
    missing("subscriptions", "sub_uid", "VARCHAR(64) NULL"),
    missing("subscriptions", "sub_url", "VARCHAR(512) NULL"),
    missing("subscriptions", "start_date", "DATETIME NULL"),
    missing("subscriptions", "stop_date", "DATETIME NULL"),
    missing("subscriptions", "meta", "JSON NULL"),
    missing("subscriptions", "keys", "JSON NULL")
  ],
  { discard: true }
)
