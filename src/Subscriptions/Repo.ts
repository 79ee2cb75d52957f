import { SqlClient } from "@effect/sql"
import { Effect, Schema } from "effect"
import { BotAccess } from "../Access/BotAccess.js"
import { optionalColumns } from "../Database/BotTables.js"
import { decodePage } from "../Database/Page.js"
import { textExpressions } from "../Database/Text.js"
import { JsonColumn } from "../Domain/Json.js"
import { offsetOf } from "../Domain/Parameters.js"
import { DateTimeColumn } from "../Domain/Time.js"
import { Subscription, type SubscriptionsParameters } from "./Api.js"

const SubscriptionRow = Schema.Struct({
  ...Subscription.fields,
  start_date: DateTimeColumn,
  stop_date: DateTimeColumn,
  meta: JsonColumn,
  keys: JsonColumn
})

const decode = decodePage(SubscriptionRow, "uid")

export class SubscriptionsRepo extends Effect.Service<SubscriptionsRepo>()("app/Subscriptions/Repo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const access = yield* BotAccess
    const text = yield* textExpressions

    /** One page of a bot's subscriptions, of all statuses or of one. */
    const page = ({ bot_id, limit, page, status }: SubscriptionsParameters) =>
      access
        .query(bot_id, (granted, tables) => {
          const column = optionalColumns(sql, tables, "subscriptions", "s")
          const chosen = sql.and([
            sql`k.bot_id = ${bot_id}`,
            ...(status === undefined ? [] : [sql`${text.fold(sql`k.status`)} = ${text.fold(sql`${status}`)}`])
          ])
          return sql`
            SELECT (SELECT COUNT(*) FROM subscriptions k WHERE ${chosen}) AS total,
              s.uid, ${column("sub_uid", "")}, ${column("sub_url")}, s.user_id, s.bot_id,
              COALESCE(s.status, '') AS status, s.start_date, ${column("stop_date")}, ${column("meta")},
              ${column("keys")}
            FROM ${granted}
            LEFT JOIN (
              SELECT k.uid FROM subscriptions k WHERE ${chosen}
              ORDER BY k.start_date DESC, k.uid DESC LIMIT ${String(limit)} OFFSET ${offsetOf({ page, limit })}
            ) AS page ON TRUE
            LEFT JOIN subscriptions s ON s.uid = page.uid
            ORDER BY s.start_date DESC, s.uid DESC`
        })
        .pipe(
          Effect.flatMap(decode),
          Effect.map(({ items, total }) => ({ subscriptions: items, total, page, limit }))
        )

    return { page } as const
  })
}) {}
