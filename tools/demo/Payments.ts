/**
 * Payments: prices, providers and their invoice numbers, states, and what `meta` says (or doesn't) about their purpose.
 */
import type { PaymentRow } from "../bots/Rows.js"
import type { Currency } from "./Bots.js"
import type { Random, Some } from "./Random.js"
import { hour } from "./Rhythm.js"

export interface Plan {
  readonly name: "month" | "quarter" | "year"
  readonly months: number
  readonly days: number
  /** Chance that somebody on this plan renews it. */
  readonly keep: number
  readonly price: Readonly<Record<Currency, number>>
}

export const plans: Some<readonly [Plan, number]> = [
  [{ name: "month", months: 1, days: 30, keep: 0.8, price: { RUB: 199, XTR: 150, USDT: 2.49 } }, 76],
  [{ name: "quarter", months: 3, days: 90, keep: 0.74, price: { RUB: 499, XTR: 390, USDT: 6.3 } }, 18],
  [{ name: "year", months: 12, days: 365, keep: 0.6, price: { RUB: 1690, XTR: 1290, USDT: 20.9 } }, 6]
]

const providers: Readonly<Record<Currency, Some<readonly [string, number]>>> = {
  RUB: [
    ["yookassa", 70],
    ["cards", 30]
  ],
  XTR: [["stars", 1]],
  USDT: [["cryptobot", 1]]
}

export type Purpose = "key" | "renewal" | "other"

/** What the `meta` of different bots' software says about a purpose. */
const words: Readonly<Record<Purpose, Some<Readonly<Record<string, string>>>>> = {
  key: [{ kind: "key" }, { kind: "purchase" }, { type: "Purchase" }, { type: "buy" }, { purpose: "new" }],
  renewal: [{ kind: "renewal" }, { kind: "renew" }, { type: "Renewal" }, { purpose: "extend" }, { purpose: "prolong" }],
  other: [{ kind: "topup" }, { kind: "gift" }, { type: "Balance" }, { type: "donation" }, { purpose: "extra_traffic" }]
}

/** How many payments of each purpose have it in their `meta`: half of all. */
const spoken: Readonly<Record<Purpose, number>> = { key: 0.46, renewal: 0.46, other: 0.9 }

const metaOf = (random: Random, purpose: Purpose, plan: Plan | undefined): string | null => {
  const told = random.chance(spoken[purpose])
  if (!told && random.chance(0.6)) return null
  return JSON.stringify({
    ...(told ? random.pick(words[purpose]) : {}),
    ...(plan === undefined ? {} : { plan: plan.name, months: plan.months }),
    ...(random.chance(0.06) ? { promo: random.pick(["SUMMER10", "ЛЕТО", "friend-5"]) } : {}),
    ...(random.chance(0.04) ? { comment: random.pick(["Спасибо! 🙏", 'для "мамы"', "c:\\vpn"]) } : {})
  })
}

const amountOf = (random: Random, currency: Currency, price: number): string => {
  const asked = random.chance(0.12) ? price * 0.9 : price
  switch (currency) {
    case "RUB":
      return random.chance(0.9) ? Math.max(1, Math.round(asked)).toFixed(2) : asked.toFixed(2)
    case "XTR":
      return String(Math.max(1, Math.round(asked)))
    case "USDT":
      return (asked * (0.97 + random.fraction() * 0.06)).toFixed(random.whole(2, 6))
  }
}

/** Numbers in the providers' own formats, no two alike even where case does not matter. */
const billId = (random: Random, provider: string, at: number, serial: number): string => {
  switch (provider) {
    case "yookassa":
      return `${(at - 946_684_800).toString(16).padStart(8, "0")}-000f-5000-8000-${random.hex(12)}`
    case "stars":
      return `stx${random.letters(45)}`
    case "cryptobot":
      return `IV${18_000_000 + serial}`
    default:
      return random.hex(32)
  }
}

export type Outcome = "paid" | "refunded" | "failed"

const statusOf = (random: Random, outcome: Outcome, age: number): string => {
  switch (outcome) {
    case "paid":
      return random.chance(0.005) ? "paid" : "PAID"
    case "refunded":
      return "REFUNDED"
    case "failed":
      return age < hour
        ? "PENDING"
        : random.weighted([
            ["CANCELED", 42],
            ["EXPIRED", 33],
            ["PENDING", 25]
          ])
  }
}

/** One attempt to pay at `at` (seconds). `price` is in major units of the currency, `serial` differs for each payment. */
export const makePayment = (
  random: Random,
  one: {
    readonly at: number
    readonly now: number
    readonly userId: number
    readonly bot: number
    readonly currency: Currency
    readonly price: number
    readonly purpose: Purpose
    readonly plan: Plan | undefined
    readonly outcome: Outcome
    readonly serial: number
  }
): PaymentRow => {
  const provider = random.weighted(providers[one.currency])
  return {
    bill_id: billId(random, provider, one.at, one.serial),
    user_id: one.userId,
    bot_id: one.bot,
    provider: random.chance(0.01) ? null : provider,
    amount: amountOf(random, one.currency, one.price),
    currency: one.currency,
    status: statusOf(random, one.outcome, one.now - one.at),
    date: new Date(one.at * 1000),
    meta: metaOf(random, one.purpose, one.plan)
  }
}
