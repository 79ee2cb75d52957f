/** Rows for examples in tests: all that a test does not name has a plain value. */
import type { BotData, PaymentRow, SubscriptionRow, UserRow } from "../bots/Rows.js"

export const user = (row: Partial<UserRow> & Pick<UserRow, "uid">): UserRow => ({
  user_id: 7,
  bot_id: 1,
  username: null,
  invited: null,
  reg_date: null,
  ref_percent: "0",
  meta: null,
  ...row
})

/** A PAID payment of 100 RUB by user 7 in bot 1, `date` as ISO text. */
export const payment = (
  bill_id: string,
  date: string,
  row: Partial<Omit<PaymentRow, "bill_id" | "date">> = {}
): PaymentRow => ({
  bill_id,
  user_id: 7,
  bot_id: 1,
  provider: null,
  amount: "100",
  currency: "RUB",
  status: "PAID",
  date: new Date(date),
  meta: null,
  ...row
})

/** An Active subscription of user 7 in bot 1, its start as ISO text or null. */
export const subscription = (
  uid: number,
  start: string | null,
  row: Partial<Omit<SubscriptionRow, "uid" | "start_date">> = {}
): SubscriptionRow => ({
  uid,
  sub_uid: `s${uid}`,
  sub_url: null,
  user_id: 7,
  bot_id: 1,
  status: "Active",
  start_date: start === null ? null : new Date(start),
  stop_date: null,
  meta: null,
  keys: null,
  ...row
})

export const data = (rows: Partial<BotData>): BotData => ({
  bots: [],
  users: [],
  payments: [],
  subscriptions: [],
  ...rows
})
