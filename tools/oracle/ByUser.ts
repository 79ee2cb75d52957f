/** The rows of one bot, by user and in the contract's order, so that each question about a user is a look-up. */
import type { BotData, PaymentRow, SubscriptionRow } from "../bots/Rows.js"
import { saidPurpose } from "./Meta.js"
import { compareCodePoints, isPaid } from "./Text.js"

/** A subscription that has started: the others are "in no day", and in no order. */
export type StartedSubscription = SubscriptionRow & { readonly start_date: Date }

/** One Telegram user in one bot. */
export interface UserRows {
  /** PAID payments by `date`, then `bill_id`. */
  readonly paid: Array<PaymentRow>
  /** Of these, the ones that `meta` does not mark other, in the same order. */
  readonly notMarkedOther: Array<PaymentRow>
  /** Subscriptions with a `start_date`, by it, then `uid`. */
  readonly started: Array<StartedSubscription>
}

const isStarted = (row: SubscriptionRow): row is StartedSubscription => row.start_date !== null

export const rowsByUser = (data: BotData, botId: number): ReadonlyMap<number, UserRows> => {
  const users = new Map<number, UserRows>()
  const rowsOf = (userId: number): UserRows => {
    const known = users.get(userId)
    if (known !== undefined) return known
    const made: UserRows = { paid: [], notMarkedOther: [], started: [] }
    users.set(userId, made)
    return made
  }
  for (const row of data.payments) if (row.bot_id === botId && isPaid(row)) rowsOf(row.user_id).paid.push(row)
  for (const row of data.subscriptions) {
    if (row.bot_id === botId && isStarted(row)) rowsOf(row.user_id).started.push(row)
  }
  for (const rows of users.values()) {
    // "(by `date`, then `bill_id`; payments marked other are not looked at)"
    rows.paid.sort((a, b) => a.date.getTime() - b.date.getTime() || compareCodePoints(a.bill_id, b.bill_id))
    for (const row of rows.paid) if (saidPurpose(row.meta) !== "other") rows.notMarkedOther.push(row)
    // "(by `start_date`, then `uid`)"
    rows.started.sort((a, b) => a.start_date.getTime() - b.start_date.getTime() || a.uid - b.uid)
  }
  return users
}
