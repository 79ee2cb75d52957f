import * as Effect from "effect/Effect"
import { createTable, run } from "../Database/Ddl.js"
import { orGap } from "../Database/Gaps.js"
import { demandOurs, isExactly, type OwnTable } from "../Database/OwnTables.js"

/** The dashboard's accounts: our own table, apart from the bots' `users`, so that a login counts in no figure. */
export const ACCOUNTS = "bot_analytics_admins"

/** `user_id` is the Telegram user's. Times are UTC. */
export const accounts: OwnTable = {
  table: ACCOUNTS,
  columns: `uid INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  user_id BIGINT NOT NULL,
  username VARCHAR(64) NULL,
  first_name VARCHAR(255) NULL,
  last_name VARCHAR(255) NULL,
  language_code VARCHAR(35) NULL,
  created_at DATETIME(3) NOT NULL,
  last_login_at DATETIME(3) NOT NULL,
  UNIQUE KEY admins_user_id (user_id)`
}

/** What versions before called it, and many a panel calls its own. */
const before: OwnTable = { ...accounts, table: "admins" }

const NAMES = "uid, user_id, username, first_name, last_name, language_code, created_at, last_login_at"

const copy = `INSERT INTO ${ACCOUNTS} (${NAMES}) SELECT ${NAMES} FROM ${before.table} WHERE NOT EXISTS (SELECT 1 FROM ${ACCOUNTS})`

/**
 * Makes the table, with the accounts of a version before. Theirs is known by all its columns, and left as it is: an older
 * version may come back. Accounts are copied in one statement into an empty table, so once and whole.
 */
export const createAccounts = Effect.gen(function* () {
  yield* demandOurs(accounts)
  yield* createTable(accounts.table, accounts.columns)
  if (!(yield* isExactly(before))) return
  yield* orGap(run(copy), {
    table: before.table,
    statement: copy,
    cost: "without it, whoever has a token logs in again"
  })
})
