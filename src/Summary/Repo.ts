import { SqlClient } from "@effect/sql"
import { BigDecimal, Clock, Effect, Schema } from "effect"
import { BotAccess } from "../Access/BotAccess.js"
import { textExpressions } from "../Database/Text.js"
import type { BotId } from "../Domain/Ids.js"
import { ExactColumn, mean, toNumber } from "../Domain/Money.js"
import { type CurrencyRevenue, MONTH_HOURS } from "./Api.js"

const Counts = Schema.Struct({
  total_users: Schema.NonNegativeInt,
  active_users: Schema.NonNegativeInt,
  new_users_month: Schema.NonNegativeInt
})

const RevenueRow = Schema.Struct({
  currency: Schema.String,
  payments: Schema.NonNegativeInt,
  total: ExactColumn,
  monthly: ExactColumn
})

const decodeCounts = Schema.decodeUnknown(Counts)
const decodeRevenue = Schema.decodeUnknown(Schema.Array(RevenueRow))

const toRevenue = ({ currency, monthly, payments, total }: typeof RevenueRow.Type): CurrencyRevenue => ({
  currency,
  payments,
  total_revenue: toNumber(total),
  monthly_revenue: toNumber(monthly),
  average_check: toNumber(mean(total, payments))
})

const nothing = (currency: string): CurrencyRevenue =>
  toRevenue({
    currency,
    payments: 0,
    total: BigDecimal.unsafeFromNumber(0),
    monthly: BigDecimal.unsafeFromNumber(0)
  })

/** Most payments first, then by name. */
const byPayments = (a: CurrencyRevenue, b: CurrencyRevenue) =>
  b.payments - a.payments || (a.currency < b.currency ? -1 : 1)

export class SummaryRepo extends Effect.Service<SummaryRepo>()("app/Summary/Repo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const access = yield* BotAccess
    const text = yield* textExpressions

    /** A bot's figures at this moment, with the revenue in `asked`, else in the currency with the most payments. */
    const summary = (botId: BotId, asked: string | undefined) =>
      Effect.gen(function* () {
        const millis = yield* Clock.currentTimeMillis
        const now = new Date(millis)
        const monthAgo = new Date(millis - MONTH_HOURS * 3_600_000)
        const rows = yield* access.query(
          botId,
          (granted) => sql`
            SELECT
              (SELECT COUNT(*) FROM users WHERE bot_id = ${botId}) AS total_users,
              (SELECT COUNT(DISTINCT user_id) FROM subscriptions
                WHERE bot_id = ${botId} AND ${text.fold(sql`status`)} = 'active') AS active_users,
              (SELECT COUNT(*) FROM users
                WHERE bot_id = ${botId} AND reg_date >= ${monthAgo} AND reg_date <= ${now}) AS new_users_month,
              revenue.*
            FROM ${granted}
            LEFT JOIN (
              SELECT ${text.name(sql`COALESCE(currency, '')`)} AS currency, COUNT(*) AS payments,
                SUM(CAST(amount AS DECIMAL(38, 8))) AS total,
                SUM(CASE WHEN date >= ${monthAgo} AND date <= ${now} THEN CAST(amount AS DECIMAL(38, 8)) ELSE 0 END)
                  AS monthly
              FROM payments WHERE bot_id = ${botId} AND ${text.isPaid(sql`status`)}
              GROUP BY 1
            ) AS revenue ON TRUE`
        )
        const counts = yield* Effect.orDie(decodeCounts(rows[0]))
        const paid = yield* Effect.orDie(decodeRevenue(rows.filter((row) => row.currency !== null)))
        const byCurrency = paid.map(toRevenue).sort(byPayments)
        const wanted = asked?.trim().toUpperCase() ?? byCurrency[0]?.currency
        const chosen = byCurrency.find(({ currency }) => currency === wanted) ?? nothing(wanted ?? "")
        return {
          ...counts,
          total_revenue: chosen.total_revenue,
          monthly_revenue: chosen.monthly_revenue,
          average_check: chosen.average_check,
          currency: wanted ?? null,
          revenue_by_currency: byCurrency
        }
      })

    return { summary } as const
  })
}) {}
