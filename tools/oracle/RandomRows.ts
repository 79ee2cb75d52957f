/** Random `BotData`: few rows, but of the kind that a wrong query gets wrong. */
import * as FC from "effect/FastCheck"
import type { BotData, BotRow, PaymentRow, SubscriptionRow, UserRow } from "../bots/Rows.js"
import { type Place, places } from "./Places.js"
import { brokenMeta, jsonMeta } from "./RandomMeta.js"
import * as Values from "./RandomValues.js"

export interface RandomOptions {
  /** Also `meta` that is not JSON, for databases whose `meta` is a TEXT column. Default false: every `meta` is JSON. */
  readonly textMeta?: boolean
  /** The most rows of each table but `bots`. Default 12. */
  readonly maxRows?: number
  /** What "now" is to the summary, a whole second: rows gather at both ends of its month. Default `defaultNow`. */
  readonly now?: Date
  /** Where rows gather. Default: any of `places`. */
  readonly place?: Place
}

/** Within the leap month of `places`. */
export const defaultNow = new Date("2024-03-01T12:00:00Z")

/** Rows, with a bot of theirs, the days around which they lie, and the time that the summary is made for. */
export interface Scenario extends Place {
  readonly data: BotData
  readonly botId: number
  readonly now: Date
}

const nullable = <A>(arbitrary: FC.Arbitrary<A>): FC.Arbitrary<A | null> => FC.option(arbitrary, { freq: 5 })

const name = nullable(FC.constantFrom("alice", "Bob", "", "иван", "🙂", "o'neil\\"))

const keys = FC.constantFrom(null, "[]", '["vless://a@b:443"]', '{"de":"ss://x"}', "null", '"ключ"')

const percent = FC.constantFrom("0", "0.01", "12.50", "100.00")

/** `bots.uid`s. Each bot's Telegram id (`bots.bot_id`) is the `uid` of another: mixing up the two finds wrong rows. */
const botUids = [1, 2, 3] as const

const bots = (meta: FC.Arbitrary<string | null>): FC.Arbitrary<ReadonlyArray<BotRow>> =>
  FC.subarray([...botUids], { minLength: 1 }).chain((uids) =>
    FC.tuple(
      ...uids.map((uid) =>
        FC.record<BotRow>({
          uid: FC.constant(uid),
          bot_id: FC.constant((uid % botUids.length) + 1),
          username: name,
          admin_id: Values.userId,
          ref_percent: percent,
          balance: Values.amount,
          status: FC.constantFrom("ACTIVE", "DISABLED"),
          meta
        })
      )
    )
  )

const stripTrailing = (text: string): string => text.replace(/[ \t\r\n]+$/, "")

/** A payment may stand beside a subscription: then it has its user and bot, and a time around its start. */
type PaymentDraft = PaymentRow & { readonly beside: { readonly index: number; readonly seconds: number } | null }

const settle = (drafts: ReadonlyArray<PaymentDraft>, subscriptions: ReadonlyArray<SubscriptionRow>) =>
  drafts.map(({ beside, ...payment }): PaymentRow => {
    const subscription = beside === null ? undefined : subscriptions[beside.index % subscriptions.length]
    if (beside === null || !subscription?.start_date) return payment
    const { user_id, bot_id, start_date } = subscription
    return { ...payment, user_id, bot_id, date: new Date(start_date.getTime() + beside.seconds * 1000) }
  })

const rows = (
  place: Place,
  now: Date,
  maxRows: number,
  meta: FC.Arbitrary<string | null>,
  bot: FC.Arbitrary<number>
): FC.Arbitrary<Omit<BotData, "bots">> => {
  const date = Values.instant(place, now)
  // Not up to the end of INT, so that a table filled with these can still count on.
  const uid = FC.oneof(FC.integer({ min: 1, max: 50 }), FC.integer({ min: 1, max: 2_000_000_000 }))
  const user = FC.record<UserRow>({
    uid,
    user_id: Values.userId,
    bot_id: bot,
    username: name,
    invited: name,
    reg_date: nullable(date),
    ref_percent: percent,
    meta
  })
  const subscription = FC.record<SubscriptionRow>({
    uid,
    sub_uid: FC.constantFrom("s1", "S1", "с-2"),
    sub_url: FC.constantFrom(null, "https://vpn.example/sub/secret"),
    user_id: Values.userId,
    bot_id: bot,
    status: Values.subscriptionStatus,
    start_date: nullable(date),
    stop_date: nullable(date),
    meta,
    keys
  })
  const payment = FC.record<PaymentDraft>({
    bill_id: Values.billId,
    user_id: Values.userId,
    bot_id: bot,
    provider: FC.constantFrom(null, "yookassa", "Stars"),
    amount: Values.amount,
    currency: Values.currency,
    status: Values.paymentStatus,
    date,
    meta,
    beside: FC.option(FC.record({ index: FC.nat(50), seconds: Values.aroundStart }), { freq: 2 })
  })
  return FC.record({
    users: FC.uniqueArray(user, { selector: (row) => row.uid, maxLength: maxRows }),
    // Unique also to a database that ignores blanks at the end of a key.
    payments: FC.uniqueArray(payment, { selector: (row) => stripTrailing(row.bill_id), maxLength: maxRows }),
    subscriptions: FC.uniqueArray(subscription, { selector: (row) => row.uid, maxLength: maxRows })
  }).map(({ users, payments, subscriptions }) => ({ users, payments: settle(payments, subscriptions), subscriptions }))
}

/**
 * Scenarios: 1 to 3 bots, and up to `maxRows` users, payments and subscriptions of few people. `uid`s have gaps and no
 * order; instants are whole seconds within 2000 to 2037 (a payment beside a subscription at most 15 minutes further).
 */
export const scenario = (options: RandomOptions = {}): FC.Arbitrary<Scenario> => {
  const now = options.now ?? defaultNow
  const meta = options.textMeta === true ? FC.oneof({ weight: 4, arbitrary: jsonMeta }, brokenMeta) : jsonMeta
  const place = options.place === undefined ? FC.constantFrom(...places) : FC.constant(options.place)
  return FC.tuple(place, bots(meta)).chain(([where, bots]) => {
    const bot = FC.constantFrom(...bots.map((row) => row.uid))
    return FC.record({ rows: rows(where, now, options.maxRows ?? 12, meta, bot), botId: bot }).map(
      ({ rows, botId }) => ({
        ...where,
        data: { bots, ...rows },
        botId,
        now
      })
    )
  })
}

/** The rows of a `scenario` alone. */
export const botData = (options: RandomOptions = {}): FC.Arbitrary<BotData> => scenario(options).map(({ data }) => data)
