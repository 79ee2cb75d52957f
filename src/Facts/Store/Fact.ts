/**
 * What a user's rows in a bot count as. The unit is the user, because what a payment was for, and whether a subscription
 * was a trial, depends on the user's other rows (section 6 of the contract).
 */
export interface Fact {
  readonly metric: Metric
  /** The currency of a PAID payment, as its column has it; the folded status of a subscription; else empty. */
  readonly label: string
  /** The quarter of an hour of UTC in which it lies, counted from 1970; null where its row has no time. */
  readonly quarter: number | null
  readonly n: number
  /** Of PAID payments: 10⁻⁸ of the currency's major unit. */
  readonly amount: bigint
}

export const METRICS = [
  "user", // a row of `users`
  "key", // a PAID payment, by what it was for
  "renewal",
  "other",
  "unpaid", // any other payment
  "trial",
  "subscription",
  "active" // the user has a subscription whose status is Active
] as const
export type Metric = (typeof METRICS)[number]

/** Every zone in use is a multiple of this away from UTC, so a day of any zone is a sum of quarters. */
export const QUARTER_MILLIS = 15 * 60 * 1000
export const QUARTERS_IN_DAY = 96

export const isPaid = (metric: Metric): boolean => metric === "key" || metric === "renewal" || metric === "other"

/** A payment of any status. */
export const isBill = (metric: Metric): boolean => isPaid(metric) || metric === "unpaid"

const keyOf = ({ label, metric, quarter }: Omit<Fact, "n" | "amount">): string => `${metric} ${quarter ?? ""} ${label}`

/** Adds up facts that count the same; what comes to nothing is left out. */
export class FactSum {
  private readonly facts = new Map<string, { -readonly [K in keyof Fact]: Fact[K] }>()

  add(fact: Fact, sign: 1 | -1 = 1): void {
    const key = keyOf(fact)
    const known = this.facts.get(key)
    if (known === undefined) {
      this.facts.set(key, { ...fact, n: sign * fact.n, amount: BigInt(sign) * fact.amount })
      return
    }
    known.n += sign * fact.n
    known.amount += BigInt(sign) * fact.amount
  }

  addAll(facts: Iterable<Fact>, sign: 1 | -1 = 1): void {
    for (const fact of facts) this.add(fact, sign)
  }

  result(): ReadonlyArray<Fact> {
    return [...this.facts.values()].filter(({ amount, n }) => n !== 0 || amount !== 0n)
  }
}

const DECIMAL = /^(-?)(\d+)\.(\d{8})$/

/** A DECIMAL with 8 places, as the database writes it, in 10⁻⁸. */
export const amountOf = (text: string): bigint => {
  const [, sign, whole, fraction] = DECIMAL.exec(text) ?? []
  if (whole === undefined || fraction === undefined) throw new Error("An amount is no DECIMAL with 8 places")
  const amount = BigInt(whole + fraction)
  return sign === "-" ? -amount : amount
}

/** 10⁻⁸ as the text of a DECIMAL. */
export const decimalOf = (amount: bigint): string => {
  const digits = String(amount < 0n ? -amount : amount).padStart(9, "0")
  return `${amount < 0n ? "-" : ""}${digits.slice(0, -8)}.${digits.slice(-8)}`
}
