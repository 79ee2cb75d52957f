import { type Fact, isPaid, QUARTERS_IN_DAY } from "./Fact.js"

/** What facts add up to in `bot_analytics_totals` and `bot_analytics_revenue`. */

export interface Total {
  readonly metric: string
  readonly label: string
  readonly n: number
  readonly amount: bigint
}

/** How a fact adds to the figures over all time. */
const totalsOf = ({ amount, label, metric, n }: Fact): ReadonlyArray<Total> => {
  const bill = { metric: "bill", label: "", n, amount: 0n }
  if (isPaid(metric)) return [{ metric: "revenue", label, n, amount }, bill]
  if (metric === "unpaid") return [bill]
  return metric === "trial" ? [] : [{ metric, label, n, amount: 0n }]
}

export interface Revenue {
  readonly width: number
  readonly start: number
  readonly currency: string
  readonly amount: bigint
}

/** How a fact adds to the revenue of its quarter of an hour, and of its day. */
const revenueOf = ({ amount, label: currency, metric, quarter }: Fact): ReadonlyArray<Revenue> =>
  !isPaid(metric) || quarter === null
    ? []
    : [1, QUARTERS_IN_DAY].map((width) => ({ width, start: Math.floor(quarter / width) * width, currency, amount }))

/** Each key once, its values added up. */
const sumBy = <A>(values: Iterable<A>, key: (value: A) => string, add: (left: A, right: A) => A): ReadonlyArray<A> => {
  const sums = new Map<string, A>()
  for (const value of values) {
    const known = sums.get(key(value))
    sums.set(key(value), known === undefined ? value : add(known, value))
  }
  return [...sums.values()]
}

/** A label as our tables' collation compares it: blanks at its end make no other one. */
const labelOf = (label: string): string => label.replace(/ +$/, "")

export const keyOfTotal = ({ label, metric }: Pick<Total, "label" | "metric">): string => `${metric} ${labelOf(label)}`

/** What comes to nothing is left out. */
export const addUpTotals = (totals: Iterable<Total>): ReadonlyArray<Total> =>
  sumBy(totals, keyOfTotal, (left, right) => ({
    ...left,
    n: left.n + right.n,
    amount: left.amount + right.amount
  })).filter(({ amount, n }) => n !== 0 || amount !== 0n)

export const minus = (total: Total): Total => ({ ...total, n: -total.n, amount: -total.amount })

export const sumTotals = (facts: ReadonlyArray<Fact>): ReadonlyArray<Total> => addUpTotals(facts.flatMap(totalsOf))

export const keyOfRevenue = ({ currency, start, width }: Omit<Revenue, "amount">): string =>
  `${width} ${start} ${labelOf(currency)}`

export const sumRevenue = (facts: ReadonlyArray<Fact>): ReadonlyArray<Revenue> =>
  sumBy(facts.flatMap(revenueOf), keyOfRevenue, (left, right) => ({ ...left, amount: left.amount + right.amount }))
