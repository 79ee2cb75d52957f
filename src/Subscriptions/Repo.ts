import * as SqlClient from "@effect/sql/SqlClient"
import type { Row } from "@effect/sql/SqlConnection"
import * as Effect from "effect/Effect"
import { type BotTables, optionalColumns } from "../Database/BotTables.js"
import * as Columns from "../Database/Columns.js"
import { textExpressions } from "../Database/Text.js"
import type { Unchecked } from "../Domain/Json.js"
import { keptTotal } from "../Facts/Within.js"
import { type List, Lists } from "../Lists/Lists.js"
import type { Subscription, SubscriptionsParameters } from "./Api.js"

const toSubscription = (tables: BotTables) => {
  const meta = Columns.json(tables.isJson("subscriptions", "meta"))
  const keys = Columns.json(tables.isJson("subscriptions", "keys"))
  return (row: Row): Unchecked<Subscription> => ({
    uid: row.uid,
    sub_uid: row.sub_uid,
    sub_url: row.sub_url,
    user_id: row.user_id,
    bot_id: row.bot_id,
    status: row.status,
    start_date: Columns.time(row.start_date),
    stop_date: Columns.time(row.stop_date),
    meta: meta(row.meta),
    keys: keys(row.keys)
  })
}

const subscriptions: List<Unchecked<Subscription>> = {
  order: { table: "subscriptions", time: "start_date", key: "uid", index: "subscriptions_bot_start", held: "status" },
  read: toSubscription
}

export class SubscriptionsRepo extends Effect.Service<SubscriptionsRepo>()("app/Subscriptions/Repo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const lists = yield* Lists
    const totalOf = yield* keptTotal
    const text = yield* textExpressions

    /** One page of a bot's subscriptions, of all statuses or of one. */
    const page = (asked: SubscriptionsParameters) => {
      const { bot_id, status } = asked
      return lists
        .page(subscriptions, asked, [status ?? null], (tables) => {
          const column = optionalColumns(sql, tables, "subscriptions", "r")
          const chosen = sql.and([
            sql`k.bot_id = ${bot_id}`,
            ...(status === undefined ? [] : [sql`${text.fold(sql`k.status`)} = ${text.fold(sql`${status}`)}`])
          ])
          return {
            chosen,
            total: sql`(SELECT COUNT(*) FROM subscriptions k WHERE ${chosen})`,
            kept: {
              total: totalOf("subscription", bot_id, status === undefined ? undefined : text.fold(sql`${status}`)),
              // Only the database can tell whether two texts are the same status.
              count: ({ metric, n }) => (metric !== "subscription" ? 0 : status === undefined ? n : undefined)
            },
            columns: sql`r.uid, ${column("sub_uid", "")}, ${column("sub_url")}, r.user_id, r.bot_id,
              COALESCE(r.status, '') AS status, r.start_date, ${column("stop_date")}, ${column("meta")},
              ${column("keys")}`
          }
        })
        .pipe(Effect.map(({ items, ...page }) => ({ subscriptions: items, ...page })))
    }

    return { page } as const
  })
}) {}
