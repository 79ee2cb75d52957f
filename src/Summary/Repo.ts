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

/** The PAID payments of one spelling of a currency, of the last month or of all other times. */
const RevenueRow = Schema.Struct({
  currency: Schema.String,
  recent: Schema.Int,
  payments: Schema.NonNegativeInt,
  amount: ExactColumn
})

const decodeCounts = Schema.decodeUnknown(Counts)
const decodeRevenue = Schema.decodeUnknown(Schema.Array(RevenueRow))

/** `rub`, ` Rub` and `RUB` are one currency. */
const nameOf = (currency: string) => currency.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "").toUpperCase()

const zero = BigDecimal.unsafeFromNumber(0)

interface Sums {
  readonly payments: number
  readonly total: BigDecimal.BigDecimal
  readonly monthly: BigDecimal.BigDecimal
}
const nothing: Sums = { payments: 0, total: zero, monthly: zero }

const add = (sums: Sums, { amount, payments, recent }: typeof RevenueRow.Type): Sums => ({
  payments: sums.payments + payments,
  total: BigDecimal.sum(sums.total, amount),
  monthly: recent === 0 ? sums.monthly : BigDecimal.sum(sums.monthly, amount)
})

const sumByCurrency = (rows: ReadonlyArray<typeof RevenueRow.Type>): ReadonlyMap<string, Sums> => {
  const sums = new Map<string, Sums>()
  for (const row of rows) {
    const name = nameOf(row.currency)
    sums.set(name, add(sums.get(name) ?? nothing, row))
  }
  return sums
}

const toRevenue = (currency: string, { monthly, payments, total }: Sums): CurrencyRevenue => ({
  currency,
  payments,
  total_revenue: toNumber(total),
  monthly_revenue: toNumber(monthly),
  average_check: toNumber(mean(total, payments))
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
        // The hint is MySQL's alone: without it, it fetches every row of the bot, though the index has all that is read.
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
              SELECT /*+ INDEX(p payments_bot_date) */
                CONVERT(COALESCE(p.currency, '') USING utf8mb4) COLLATE utf8mb4_bin AS currency,
                COALESCE(p.date >= ${monthAgo} AND p.date <= ${now}, 0) AS recent,
                COUNT(*) AS payments, SUM(CAST(p.amount AS DECIMAL(38, 8))) AS amount
              FROM payments p WHERE p.bot_id = ${botId} AND ${text.isPaid(sql`p.status`)}
              GROUP BY 1, 2
            ) AS revenue ON TRUE`
        )
        const counts = yield* Effect.orDie(decodeCounts(rows[0]))
        const paid = yield* Effect.orDie(decodeRevenue(rows.filter((row) => row.currency !== null)))
        const byCurrency = Array.from(sumByCurrency(paid), ([name, sums]) => toRevenue(name, sums)).sort(byPayments)
        const wanted = asked === undefined ? byCurrency[0]?.currency : nameOf(asked)
        const chosen = byCurrency.find(({ currency }) => currency === wanted) ?? toRevenue(wanted ?? "", nothing)
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
