/** `GET /api/bots/{bot_id}/summary`: users and revenue of one bot. */
import type { BotData } from "../bots/Rows.js"
import { nearestDouble, parseMoney, scale } from "./Money.js"
import { compareCodePoints, currencyName, isPaid, sameWord } from "./Text.js"

// "A month in the summary is the last 30 × 24 hours."
const month = 30 * 24 * 3600 * 1000

/** The PAID payments of one currency. Money is the double nearest to the exact amount, in major units. */
export interface CurrencyRevenue {
  readonly currency: string
  readonly payments: number
  readonly total_revenue: number
  readonly monthly_revenue: number
  readonly average_check: number
}

/** The wire shape. */
export interface SummaryFigures {
  readonly total_users: number
  readonly active_users: number
  readonly new_users_month: number
  readonly total_revenue: number
  readonly monthly_revenue: number
  readonly average_check: number
  readonly currency: string | null
  readonly revenue_by_currency: ReadonlyArray<CurrencyRevenue>
}

// "The last 30 × 24 hours end now: rows of the future are in the totals only." Both ends are included.
const inMonth = (at: Date, now: Date): boolean => at.getTime() >= now.getTime() - month && at.getTime() <= now.getTime()

// "`revenue_by_currency` lists every currency with a PAID payment, most payments first, then by name"
const revenueByCurrency = (data: BotData, botId: number, now: Date): ReadonlyArray<CurrencyRevenue> => {
  const sums = new Map<string, { payments: number; total: bigint; monthly: bigint }>()
  for (const row of data.payments) {
    if (row.bot_id !== botId || !isPaid(row)) continue
    const name = currencyName(row.currency)
    const sum = sums.get(name) ?? { payments: 0, total: 0n, monthly: 0n }
    const amount = parseMoney(row.amount)
    // "sum, sum over the last 30 × 24 hours, and mean of PAID amounts in one currency"
    sum.payments += 1
    sum.total += amount
    if (inMonth(row.date, now)) sum.monthly += amount
    sums.set(name, sum)
  }
  return Array.from(sums, ([currency, { payments, total, monthly }]) => ({
    currency,
    payments,
    total_revenue: nearestDouble(total, scale),
    monthly_revenue: nearestDouble(monthly, scale),
    average_check: nearestDouble(total, scale * BigInt(payments))
  })).sort((a, b) => b.payments - a.payments || compareCodePoints(a.currency, b.currency))
}

/** The summary of a bot at `now`; `currency` is the parameter as it was sent, if it was. */
export const summary = (data: BotData, botId: number, now: Date, currency?: string): SummaryFigures => {
  const users = data.users.filter((row) => row.bot_id === botId)
  // "active_users: distinct `user_id` with a subscription whose status is `Active`."
  const active = data.subscriptions.filter((row) => row.bot_id === botId && sameWord(row.status, "Active"))
  const revenue = revenueByCurrency(data, botId, now)
  // "in one currency, named in `currency`: the one asked for, else the one with the most PAID payments (then the
  // alphabetically first); `null` and zeros where there is none."
  const name = currency === undefined ? (revenue[0]?.currency ?? null) : currencyName(currency)
  // "`currency` asked for in which nothing is PAID: the answer names it, with zeros. [...] `currency=` does not narrow it."
  const chosen = revenue.find((one) => one.currency === name)
  return {
    // "total_users: `users` rows."
    total_users: users.length,
    active_users: new Set(active.map((row) => row.user_id)).size,
    // "new_users_month: those registered in the last 30 × 24 hours."
    new_users_month: users.filter((row) => row.reg_date !== null && inMonth(row.reg_date, now)).length,
    total_revenue: chosen?.total_revenue ?? 0,
    monthly_revenue: chosen?.monthly_revenue ?? 0,
    average_check: chosen?.average_check ?? 0,
    currency: name,
    revenue_by_currency: revenue
  }
}
