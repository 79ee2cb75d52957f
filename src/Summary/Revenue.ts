import * as BigDecimal from "effect/BigDecimal"
import { mean, toDecimal } from "../Domain/Money.js"
import type { CurrencyRevenue, Summary } from "./Api.js"

/** `rub`, ` Rub` and `RUB` are one currency. */
const nameOf = (currency: string) => currency.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "").toUpperCase()

const zero = BigDecimal.unsafeFromNumber(0)

/** PAID payments of one spelling of a currency: all of them, and the amounts of the last month. */
export interface Paid {
  readonly currency: string
  readonly payments: number
  readonly total: BigDecimal.BigDecimal
  readonly monthly: BigDecimal.BigDecimal
}

const nothing = (currency: string): Paid => ({ currency, payments: 0, total: zero, monthly: zero })

const byName = (paid: ReadonlyArray<Paid>): ReadonlyArray<Paid> => {
  const sums = new Map<string, Paid>()
  for (const one of paid) {
    const currency = nameOf(one.currency)
    const sum = sums.get(currency) ?? nothing(currency)
    sums.set(currency, {
      currency,
      payments: sum.payments + one.payments,
      total: BigDecimal.sum(sum.total, one.total),
      monthly: BigDecimal.sum(sum.monthly, one.monthly)
    })
  }
  return [...sums.values()].filter(({ payments }) => payments > 0)
}

const toRevenue = ({ currency, monthly, payments, total }: Paid): CurrencyRevenue => ({
  currency,
  payments,
  total_revenue: toDecimal(total),
  monthly_revenue: toDecimal(monthly),
  average_check: toDecimal(mean(total, payments))
})

/** Most payments first, then by name. */
const byPayments = (a: CurrencyRevenue, b: CurrencyRevenue) =>
  b.payments - a.payments || (a.currency < b.currency ? -1 : 1)

export interface Users {
  readonly total_users: number
  readonly active_users: number
  readonly new_users_month: number
}

/** The summary, with the revenue in `asked`, else in the currency with the most payments. */
export const toSummary = (users: Users, paid: ReadonlyArray<Paid>, asked: string | undefined): typeof Summary.Type => {
  const byCurrency = byName(paid).map(toRevenue).sort(byPayments)
  const wanted = asked === undefined ? byCurrency[0]?.currency : nameOf(asked)
  const chosen = byCurrency.find(({ currency }) => currency === wanted) ?? toRevenue(nothing(wanted ?? ""))
  return {
    total_users: users.total_users,
    active_users: users.active_users,
    new_users_month: users.new_users_month,
    total_revenue: chosen.total_revenue,
    monthly_revenue: chosen.monthly_revenue,
    average_check: chosen.average_check,
    currency: wanted ?? null,
    revenue_by_currency: byCurrency
  }
}
