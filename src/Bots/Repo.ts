import { SqlClient, SqlSchema } from "@effect/sql"
import { Effect, Schema } from "effect"
import { optionalColumns } from "../Database/BotTables.js"
import { orUnavailable } from "../Database/Failure.js"
import { Readiness } from "../Database/Readiness.js"
import { CurrentAdmin } from "../Domain/CurrentAdmin.js"
import { TelegramId } from "../Domain/Ids.js"
import { JsonColumn } from "../Domain/Json.js"
import { DecimalColumn } from "../Domain/Money.js"
import { Bot } from "./Api.js"

const BotRow = Schema.Struct({
  ...Bot.fields,
  ref_percent: DecimalColumn,
  balance: DecimalColumn,
  meta: JsonColumn
})

export class BotsRepo extends Effect.Service<BotsRepo>()("app/Bots/Repo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const readiness = yield* Readiness

    /** The current admin's bots, by `uid`. */
    const mine = Effect.gen(function* () {
      const admin = yield* CurrentAdmin
      const column = optionalColumns(sql, yield* readiness.tables, "bots", "b")
      const query = SqlSchema.findAll({
        Request: TelegramId,
        Result: BotRow,
        execute: (adminId) => sql`
          SELECT b.uid, b.bot_id, ${column("username")}, b.admin_id, ${column("ref_percent")}, ${column("balance")},
            ${column("status", "ACTIVE")}, ${column("meta")}
          FROM bots b WHERE b.admin_id = ${adminId} ORDER BY b.uid`
      })
      return yield* orUnavailable(query(admin.userId))
    })

    return { mine } as const
  })
}) {}
