import * as SqlClient from "@effect/sql/SqlClient"
import * as BigDecimal from "effect/BigDecimal"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { BotAccess } from "../Access/BotAccess.js"
import { textExpressions } from "../Database/Text.js"
import type { BotId } from "../Domain/Ids.js"
import { ExactColumn } from "../Domain/Money.js"
import { columnExpressions } from "../Tables/Expressions.js"
import { monthUntil } from "./Month.js"
import { type Paid, toSummary } from "./Revenue.js"

const Counts = Schema.Struct({
  total_users: Schema.NonNegativeInt,
  active_users: Schema.NonNegativeInt,
  new_users_month: Schema.NonNegativeInt
})

/** The PAID payments of one spelling of a currency, of the last month or of all other times. */
const RevenueRow = Schema.Struct({
  currency: Schema.String,
  recent: Schema.Int,
  bills: Schema.NonNegativeInt,
  amount: ExactColumn
})

const decodeCounts = Schema.decodeUnknown(Counts)
const decodeRevenue = Schema.decodeUnknown(Schema.Array(RevenueRow))

const toPaid = ({ amount, bills, currency, recent }: typeof RevenueRow.Type): Paid => ({
  currency,
  payments: bills,
  total: amount,
  monthly: recent === 0 ? BigDecimal.unsafeFromNumber(0) : amount
})

/** The figures worked out from the bot's rows, each time anew: for any database, and exact by definition. */
export class DirectSummary extends Effect.Service<DirectSummary>()("app/Summary/Direct", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const access = yield* BotAccess
    const text = yield* textExpressions
    const { amount, isPaid, status } = yield* columnExpressions

    /** A bot's figures at this moment, with the revenue in `asked`, else in the currency with the most payments. */
    const summary = (botId: BotId, asked: string | undefined) =>
      Effect.gen(function* () {
        const { end: now, start: monthAgo } = monthUntil(yield* Clock.currentTimeMillis)
        // The hint is MySQL's alone. Without it, MySQL fetches every row of the bot, though the index has all that is read.
        const rows = yield* access.query(
          botId,
          ({ alone, granted }, tables) => sql`
            SELECT
              (SELECT COUNT(*) FROM ${alone("users", "u", "WHERE")}) AS total_users,
              (SELECT COUNT(DISTINCT s.user_id) FROM ${alone("subscriptions", "s", "WHERE")}
                AND ${text.fold(status(tables, "subscriptions", "s"))} = 'active') AS active_users,
              (SELECT COUNT(*) FROM ${alone("users", "u", "WHERE")}
                AND u.reg_date >= ${monthAgo} AND u.reg_date <= ${now}) AS new_users_month,
              revenue.*
            FROM ${granted}
            LEFT JOIN (
              SELECT /*+ INDEX(p payments_bot_date) */
                CONVERT(COALESCE(p.currency, '') USING utf8mb4) COLLATE utf8mb4_bin AS currency,
                COALESCE(p.date >= ${monthAgo} AND p.date <= ${now}, 0) AS recent,
                COUNT(*) AS bills, SUM(${amount(tables, "p")}) AS amount
              FROM ${alone("payments", "p", "WHERE")} AND ${isPaid(tables, "p")}
              GROUP BY 1, 2
            ) AS revenue ON TRUE`
        )
        const counts = yield* Effect.orDie(decodeCounts(rows[0]))
        const paid = yield* Effect.orDie(decodeRevenue(rows.filter((row) => row.currency !== null)))
        return toSummary(counts, paid.map(toPaid), asked)
      })

    return { summary } as const
  })
}) {}
