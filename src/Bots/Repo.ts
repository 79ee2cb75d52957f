import * as SqlClient from "@effect/sql/SqlClient"
import type { Fragment } from "@effect/sql/Statement"
import * as Effect from "effect/Effect"
import { accountGone } from "../Auth/AdminsRepo.js"
import type { BotTables } from "../Database/BotTables.js"
import { Readiness } from "../Database/Readiness.js"
import { Run } from "../Database/Run.js"
import { traced } from "../Database/Traced.js"
import { type Admin, CurrentAdmin } from "../Domain/CurrentAdmin.js"
import { ACCOUNTS } from "../Tables/Accounts.js"
import { bots } from "../Tables/Bots.js"
import { columnExpressions } from "../Tables/Expressions.js"
import { ReadableRows } from "../Tables/Readable.js"
import { idFor } from "../Tables/Types.js"

/**
 * The admin's bots. Where the credential needs an account: a row of nulls where there are none, and no row where there is no
 * account.
 */
const ownBots = (sql: SqlClient.SqlClient, { needsAccount, userId }: Admin, tables: BotTables): Fragment => {
  const owner = idFor(sql, tables.column("bots", "admin_id"), userId)
  return needsAccount
    ? sql`${sql(ACCOUNTS)} a LEFT JOIN bots r ON r.admin_id = ${owner} WHERE a.user_id = ${userId}`
    : sql`bots r WHERE r.admin_id = ${owner}`
}

export class BotsRepo extends Effect.Service<BotsRepo>()("app/Bots/Repo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const run = yield* Run
    const readiness = yield* Readiness
    const readable = yield* ReadableRows
    const { id } = yield* columnExpressions

    const read = (admin: Admin, tables: BotTables) => {
      const rows = run(sql`SELECT ${bots.select(sql, tables)} FROM ${ownBots(sql, admin, tables)}
        ORDER BY ${id(tables, "bots", "uid", "r.uid")}`)
      return Effect.flatMap(rows, (rows) =>
        rows.length === 0 && admin.needsAccount
          ? accountGone
          : readable.readAll(
              rows.filter(({ admin_id }) => admin_id !== null),
              bots.read(tables)
            )
      )
    }

    /** The current admin's bots, by `uid`. */
    const mine = traced("BotsRepo.mine")(() =>
      Effect.flatMap(CurrentAdmin, (admin) => readiness.ask((tables) => read(admin, tables)))
    )()

    return { mine } as const
  })
}) {}
