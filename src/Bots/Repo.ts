import * as SqlClient from "@effect/sql/SqlClient"
import type { Fragment } from "@effect/sql/Statement"
import * as Effect from "effect/Effect"
import { accountGone } from "../Auth/AdminsRepo.js"
import type { BotTables } from "../Database/BotTables.js"
import { orUnavailable } from "../Database/Failure.js"
import { Readiness } from "../Database/Readiness.js"
import { Run } from "../Database/Run.js"
import { traced } from "../Database/Traced.js"
import { type Admin, CurrentAdmin } from "../Domain/CurrentAdmin.js"
import { bots } from "../Tables/Bots.js"

/**
 * The admin's bots. Where the credential needs an account: a row of nulls where there are none, and no row where there is no
 * account.
 */
const ownBots = (sql: SqlClient.SqlClient, { needsAccount, userId }: Admin): Fragment =>
  needsAccount
    ? sql`admins a LEFT JOIN bots r ON r.admin_id = ${userId} WHERE a.user_id = ${userId}`
    : sql`bots r WHERE r.admin_id = ${userId}`

export class BotsRepo extends Effect.Service<BotsRepo>()("app/Bots/Repo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const run = yield* Run
    const readiness = yield* Readiness

    const read = (admin: Admin, tables: BotTables) => {
      const rows = orUnavailable(
        run(sql`SELECT ${bots.select(sql, tables)} FROM ${ownBots(sql, admin)} ORDER BY r.uid`)
      )
      return Effect.flatMap(rows, (rows) => {
        const [first] = rows
        if (first === undefined && admin.needsAccount) return accountGone
        return Effect.succeed(first?.uid === null ? [] : rows.map(bots.read(tables)))
      })
    }

    /** The current admin's bots, by `uid`. */
    const mine = traced("BotsRepo.mine")(() =>
      Effect.flatMap(CurrentAdmin, (admin) => Effect.flatMap(readiness.tables, (tables) => read(admin, tables)))
    )()

    return { mine } as const
  })
}) {}
