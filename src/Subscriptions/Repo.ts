import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import { textExpressions } from "../Database/Text.js"
import { traced } from "../Database/Traced.js"
import { keptTotal } from "../Facts/Within.js"
import { type Filter, Lists } from "../Lists/Lists.js"
import { columnExpressions } from "../Tables/Expressions.js"
import { subscriptions } from "../Tables/Subscriptions.js"
import type { SubscriptionsParameters } from "./Api.js"

const list = {
  order: { table: "subscriptions", time: "start_date", key: "uid", index: "subscriptions_bot_start", held: "status" },
  columns: subscriptions
} as const

export class SubscriptionsRepo extends Effect.Service<SubscriptionsRepo>()("app/Subscriptions/Repo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const lists = yield* Lists
    const totalOf = yield* keptTotal
    const text = yield* textExpressions
    const { status: statusOf } = yield* columnExpressions

    const all: Filter = {
      scope: [null],
      conditions: () => [],
      kept: {
        total: (grant) => totalOf(grant, "subscription"),
        count: ({ metric, n }) => (metric === "subscription" ? n : 0)
      }
    }

    const ofStatus = (status: string): Filter => {
      const label = text.fold(sql`${status}`)
      return {
        scope: [status],
        conditions: (alias, tables) => [sql`${text.fold(statusOf(tables, "subscriptions", alias))} = ${label}`],
        kept: {
          total: (grant) => totalOf(grant, "subscription", label),
          // Only the database can tell whether two texts are the same status.
          count: ({ metric }) => (metric === "subscription" ? undefined : 0)
        }
      }
    }

    /** One page of a bot's subscriptions, of all statuses or of one. */
    const page = traced("SubscriptionsRepo.page")((asked: SubscriptionsParameters) =>
      Effect.map(
        lists.page(list, asked, asked.status === undefined ? all : ofStatus(asked.status)),
        ({ items, ...page }) => ({ subscriptions: items, ...page })
      )
    )

    return { page } as const
  })
}) {}
