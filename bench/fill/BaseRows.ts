import type { BotData, PaymentRow, SubscriptionRow, UserRow } from "../../tools/bots/Rows.js"
import { type BotProfile, botProfiles, campaignsOf, historyDays } from "../../tools/demo/Bots.js"
import { live } from "../../tools/demo/Life.js"
import { Random } from "../../tools/demo/Random.js"
import { day, signUpMoments } from "../../tools/demo/Rhythm.js"
import { makeUser, People } from "../../tools/demo/Users.js"

/** The bot that is measured, by `uid`: the demo's largest one. */
export const MEASURED_BOT = 1

/** Another bot of the same owner, a fiftieth as large: its rows lie between the measured one's, as they do in life. */
const SMALL_BOT = 2

const SEED = 4

/** Payments of the demo's first bot for each of its users are about 1.24; a little more users than needed, then the oldest go. */
const USERS_PER_PAYMENT = 0.83

interface Dated<Row> {
  readonly at: number
  readonly row: Row
}

interface Rows {
  readonly users: Array<Dated<Omit<UserRow, "uid">>>
  readonly payments: Array<Dated<PaymentRow>>
  readonly subscriptions: Array<Dated<Omit<SubscriptionRow, "uid">>>
}

/** The lives of a bot's customers over 18 months, by the rules of the demo. */
const liveThrough = (bot: BotProfile, userCount: number, people: People, now: number, serial: () => number): Rows => {
  const random = new Random(SEED, bot.row.uid)
  const from = now - historyDays * day
  const campaigns = campaignsOf(random, from, now)
  const rows: Rows = { users: [], payments: [], subscriptions: [] }
  const sink = {
    payment: (at: number, row: PaymentRow) => void rows.payments.push({ at, row }),
    subscription: (at: number, row: Omit<SubscriptionRow, "uid">) => void rows.subscriptions.push({ at, row }),
    serial
  }
  const inviters: Array<number> = [bot.row.admin_id]
  for (const at of signUpMoments(random, { from, to: now, count: userCount, growth: bot.growth, campaigns })) {
    const userId = people.take(random, bot.row.uid)
    const inviter = inviters[random.whole(0, inviters.length - 1)] ?? bot.row.admin_id
    rows.users.push({ at, row: makeUser(random, bot, campaigns, { at, userId, inviter }) })
    if (random.chance(0.1)) inviters[inviters.length < 200 ? inviters.length : random.whole(0, 199)] = userId
    live(random, { bot, userId, signedUp: at, end: now, now, decided: false }, sink)
  }
  return rows
}

const byTime = (left: Dated<unknown>, right: Dated<unknown>): number => left.at - right.at

/** Exactly the newest `count`, in the order of time. */
const newest = <Row>(rows: Array<Dated<Row>>, count: number): ReadonlyArray<Dated<Row>> => {
  if (rows.length < count) throw new Error(`The customers made ${rows.length} payments, fewer than the ${count} wanted`)
  return rows.sort(byTime).slice(rows.length - count)
}

/**
 * The rows of 18 months up to `now`: exactly `payments` payments of the measured bot, users and subscriptions as the demo's
 * customers make them, and a small bot beside. The same for the same `now`.
 */
export const baseRows = (payments: number, now: Date): BotData => {
  const seconds = Math.floor(now.getTime() / 1000)
  const people = new People(SEED, [MEASURED_BOT, SMALL_BOT])
  const profileOf = (uid: number): BotProfile => {
    const found = botProfiles.find(({ row }) => row.uid === uid)
    if (found === undefined) throw new Error(`The demo has no bot ${uid}`)
    return found
  }
  let bills = 0
  const serial = () => ++bills
  const userCount = Math.ceil(payments * USERS_PER_PAYMENT) + 50
  const measured = liveThrough(profileOf(MEASURED_BOT), userCount, people, seconds, serial)
  const small = liveThrough(profileOf(SMALL_BOT), Math.ceil(userCount / 50), people, seconds, serial)
  return {
    bots: botProfiles.map(({ row }) => row),
    users: [...measured.users, ...small.users].sort(byTime).map(({ row }, index) => ({ uid: index + 1, ...row })),
    payments: [...newest(measured.payments, payments), ...small.payments].sort(byTime).map(({ row }) => row),
    subscriptions: [...measured.subscriptions, ...small.subscriptions]
      .sort(byTime)
      .map(({ row }, index) => ({ uid: index + 1, ...row }))
  }
}
