import * as SqlClient from "@effect/sql/SqlClient"
import type { Fragment } from "@effect/sql/Statement"
import * as BigDecimal from "effect/BigDecimal"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { heading } from "../Database/Union.js"
import type { BotId } from "../Domain/Ids.js"
import { Facts, type FactsStatement, STANDING } from "../Facts/Facts.js"
import { amountOf, type Fact, isPaid } from "../Facts/Store/Fact.js"
import { countWithin, isWithin } from "../Facts/Within.js"
import { columnExpressions } from "../Tables/Expressions.js"
import { type Month, monthUntil } from "./Month.js"
import { type Paid, toSummary, type Users } from "./Revenue.js"

/** One figure: over all time, or of the last month. */
const FigureRow = Schema.Struct({
  part: Schema.Literal("granted", "total", "month"),
  metric: Schema.String,
  label: Schema.String,
  n: Schema.NumberFromString,
  amount: Schema.String
})
const decode = Schema.decodeUnknown(Schema.Array(FigureRow))

/** Adds up what was found, and then what the marks change. */
class Sums {
  private readonly users = { total_users: 0, active_users: 0, new_users_month: 0 }
  private readonly paid = new Map<string, { payments: number; total: bigint; monthly: bigint }>()

  constructor(private readonly month: Month) {}

  private currency(label: string) {
    const known = this.paid.get(label)
    if (known !== undefined) return known
    const fresh = { payments: 0, total: 0n, monthly: 0n }
    this.paid.set(label, fresh)
    return fresh
  }

  add({ amount, label, metric, n, part }: typeof FigureRow.Type): void {
    if (metric === "user") this.users[part === "month" ? "new_users_month" : "total_users"] += n
    if (metric === "active") this.users.active_users += n
    if (metric !== "revenue") return
    const sum = this.currency(label)
    if (part === "month") {
      sum.monthly += amountOf(amount)
      return
    }
    sum.payments += n
    sum.total += amountOf(amount)
  }

  addFact({ amount, label, metric, n, quarter }: Fact): void {
    const [from, to] = this.month.quarters
    const inMonth = isWithin(quarter, { from, to })
    if (metric === "user") {
      this.users.total_users += n
      if (inMonth) this.users.new_users_month += n
    }
    if (metric === "active") this.users.active_users += n
    if (!isPaid(metric)) return
    const sum = this.currency(label)
    sum.payments += n
    sum.total += amount
    if (inMonth) sum.monthly += amount
  }

  result(): readonly [Users, ReadonlyArray<Paid>] {
    const exact = (amount: bigint) => BigDecimal.make(amount, 8)
    const paid = Array.from(this.paid, ([currency, { monthly, payments, total }]) => ({
      currency,
      payments,
      total: exact(total),
      monthly: exact(monthly)
    }))
    return [this.users, paid]
  }
}

/** The summary from facts: some rows for all time, some for the month, and the rows of the month's two odd ends. */
export const summaryFromFacts = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const facts = yield* Facts
  const { amount, isPaid: isPaidRow } = yield* columnExpressions
  const registered = yield* countWithin

  const { nulls, select } = heading(sql, STANDING)

  const isEnd = (time: Fragment, { end, start, whole: [first, last] }: Month) =>
    sql`((${time} >= ${start} AND ${time} < ${first}) OR (${time} >= ${last} AND ${time} <= ${end}))`

  const statement =
    (month: Month): FactsStatement =>
    (grant, tables, standing) => {
      const { granted, on, where } = grant
      const [first, end] = month.quarters
      const [firstDay, endDay] = month.days
      const none = sql`'0.00000000'`
      return sql`
      SELECT ${select(standing.columns)}, 'granted' AS part, '' AS metric, CONVERT('' USING utf8mb4) COLLATE utf8mb4_bin AS label, '0' AS n,
        ${none} AS amount
      FROM ${standing.granted}
      UNION ALL
      SELECT ${nulls}, 'total', t.metric, t.label, CAST(t.n AS CHAR), CAST(t.amount AS CHAR)
      FROM ${granted} JOIN ${on("bot_analytics_totals", "t")} AND t.metric IN ('user', 'active', 'revenue')
      UNION ALL
      SELECT ${nulls}, 'month', 'revenue', r.currency, '0', CAST(SUM(r.amount) AS CHAR)
      FROM ${granted} JOIN ${on("bot_analytics_revenue", "r")} AND (
        (r.width = 96 AND r.start >= ${firstDay} AND r.start < ${endDay})
        OR (r.width = 1 AND ((r.start >= ${first} AND r.start < ${firstDay}) OR (r.start >= ${endDay} AND r.start < ${end}))))
      GROUP BY r.currency
      UNION ALL
      SELECT /*+ INDEX(p payments_bot_date) */ ${nulls}, 'month', 'revenue',
        CONVERT(COALESCE(p.currency, '') USING utf8mb4) COLLATE utf8mb4_bin, '0',
        CAST(COALESCE(${amount(tables, "p")}, 0.00000000) AS CHAR)
      FROM ${granted} JOIN ${on("payments", "p")} AND ${isEnd(sql`p.date`, month)} AND ${isPaidRow(tables, "p")}
      UNION ALL
      SELECT ${nulls}, 'month', 'user', '', CAST(${registered(grant, "registrations", { from: first, to: end })} AS CHAR), ${none}
      FROM ${granted}
      UNION ALL
      SELECT ${nulls}, 'month', 'user', '', CAST((
          SELECT /*+ INDEX(u users_bot_reg) */ COUNT(*) FROM ${where("users", "u")} AND ${isEnd(sql`u.reg_date`, month)}
        ) AS CHAR), ${none}
      FROM ${granted}`
    }

  /** None where it can't be read from facts. */
  const summary = (botId: BotId, asked: string | undefined) =>
    Effect.gen(function* () {
      const month = monthUntil(yield* Clock.currentTimeMillis)
      const answer = yield* facts.query(botId, statement(month))
      if (Option.isNone(answer)) return Option.none<ReturnType<typeof toSummary>>()
      const sums = new Sums(month)
      for (const row of yield* Effect.orDie(decode(answer.value.rows))) sums.add(row)
      for (const fact of answer.value.difference) sums.addFact(fact)
      return Option.some(toSummary(...sums.result(), asked))
    })

  return { summary } as const
})
