/**
 * The life of one customer of one bot: perhaps a trial, perhaps a purchase, renewals until the interest is gone, top-ups,
 * gifts, and attempts to pay that came to nothing. Instants are seconds.
 */
import type { PaymentRow, SubscriptionRow } from "../bots/Rows.js"
import type { BotProfile, Currency } from "./Bots.js"
import { makePayment, type Outcome, type Plan, type Purpose, plans } from "./Payments.js"
import type { Random } from "./Random.js"
import { day, hour, livelyMoment, minute } from "./Rhythm.js"
import { type Access, makeSubscription } from "./Subscriptions.js"

/** Takes the rows of a life, each with the instant at which the bot wrote it. */
export interface Sink {
  readonly payment: (at: number, row: PaymentRow) => void
  readonly subscription: (at: number, row: Omit<SubscriptionRow, "uid">) => void
  /** A number that differs for each payment and grows. */
  readonly serial: () => number
}

export interface Customer {
  readonly bot: BotProfile
  readonly userId: number
  readonly signedUp: number
  /** Nothing happens in this bot after this instant. */
  readonly end: number
  readonly now: number
  /** Pays at once: the newest sign-ups, so that the last hour is never empty. */
  readonly decided: boolean
}

const topUps: Readonly<Record<Currency, readonly [number, ...ReadonlyArray<number>]>> = {
  RUB: [100, 200, 300, 500, 1000],
  XTR: [50, 100, 250, 500],
  USDT: [1, 2, 5, 10]
}

export const live = (random: Random, customer: Customer, sink: Sink): void => {
  const { bot, userId, signedUp, end, now, decided } = customer
  const favourite = random.weighted(bot.currencies)
  const accesses: Array<Access> = []

  const pay = (at: number, purpose: Purpose, plan: Plan | undefined, outcome: Outcome): void => {
    if (at > end) return
    const currency = random.chance(0.93) ? favourite : random.weighted(bot.currencies)
    const price = plan === undefined ? random.pick(topUps[currency]) : plan.price[currency] * bot.price
    const serial = sink.serial()
    const facts = { at, now, userId, bot: bot.row.uid, currency, price, purpose, plan, outcome, serial }
    sink.payment(at, makePayment(random, facts))
  }

  /** The failed attempts before a payment that works. */
  const struggle = (at: number, purpose: Purpose, plan: Plan): void => {
    while (random.chance(0.12)) {
      const earlier = at - random.whole(1 * minute, 3 * hour)
      if (earlier > signedUp) pay(earlier, purpose, plan, "failed")
    }
  }

  const open = (origin: Access["origin"], at: number, days: number): Access => {
    const start = Math.min(at, end)
    const access = { origin, start, stop: start + days * day }
    accesses.push(access)
    return access
  }

  const renew = (access: Access, first: Plan): void => {
    let plan = first
    let last = access.start
    let keep = plan.keep * bot.loyalty
    while (random.chance(keep)) {
      const late = random.chance(0.2) ? random.whole(0, 5 * day) : 0
      const at = Math.max(livelyMoment(random, access.stop - random.whole(0, 2 * day) + late), last + day)
      if (at > end) return
      if (random.chance(0.06)) plan = random.weighted(plans)
      struggle(at, "renewal", plan)
      pay(at, "renewal", plan, "paid")
      access.stop = Math.max(access.stop, at) + plan.days * day
      last = at
      keep = Math.min(0.93, keep + 0.02)
    }
  }

  const buyKey = (at: number, trial: Access | undefined): void => {
    if (at > end) return
    const plan = random.weighted(plans)
    struggle(at, "key", plan)
    const refunded = !decided && random.chance(0.015)
    pay(at, "key", plan, refunded ? "refunded" : "paid")
    // Some bots prolong the trial's key instead of making a new one.
    const prolonged = trial !== undefined && trial.stop > at && random.chance(0.5) ? trial : undefined
    const access = prolonged ?? open("paid", at + random.whole(2, 45), 0)
    if (refunded) {
      access.stop = Math.max(access.start, Math.min(at + random.whole(1, 72) * hour, end))
      return
    }
    access.stop += plan.days * day
    renew(access, plan)
  }

  const trial =
    !decided && random.chance(bot.trialShare)
      ? open("trial", signedUp + random.whole(5, 10 * minute), bot.trialDays)
      : undefined

  if (decided || random.chance(bot.buyerShare)) {
    const soon = signedUp + random.whole(2 * minute, 90 * minute)
    const first = decided
      ? Math.min(signedUp + random.whole(10, 60), end)
      : trial === undefined
        ? random.chance(0.7)
          ? soon
          : livelyMoment(random, signedUp + random.whole(1, 20) * day)
        : random.chance(0.15)
          ? soon + 20 * minute
          : livelyMoment(random, trial.stop + random.whole(-1, 4) * day)
    const at = Math.max(first, trial === undefined ? signedUp : trial.start + hour, signedUp)
    buyKey(decided ? Math.min(at, end) : at, trial)
    if (random.chance(0.12))
      buyKey(Math.max(at + hour, livelyMoment(random, at + random.whole(2, 200) * day)), undefined)
    if (random.chance(0.23))
      for (let more = random.whole(1, 4), when = at; more > 0; more--) {
        when = Math.max(when + hour, livelyMoment(random, when + random.whole(1, 50) * day))
        pay(when, "other", undefined, random.chance(0.93) ? "paid" : "failed")
      }
  } else {
    if (random.chance(0.05)) pay(signedUp + random.whole(minute, 2 * day), "key", random.weighted(plans), "failed")
    if (random.chance(0.01)) pay(signedUp + random.whole(minute, 9 * day), "other", undefined, "paid")
  }

  for (const access of accesses)
    sink.subscription(access.start, makeSubscription(random, access, { now, userId, bot: bot.row.uid }))
}
