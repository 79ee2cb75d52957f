/**
 * The three lists in the contract's order, as the keys of their rows: all pages one after the other, or those behind a row,
 * whether that is still there or not.
 */
import type { BotData, PaymentRow, SubscriptionRow, UserRow } from "../bots/Rows.js"
import { endOfDay, startOfDay } from "./Days.js"
import { compareCodePoints, sameWord } from "./Text.js"

/** Newest first, nulls last; 0 where the two times are the same or both null. */
const newestFirst = (a: Date | null, b: Date | null): number => {
  if (a === null || b === null) return Number(a === null) - Number(b === null)
  return b.getTime() - a.getTime()
}

// Strictly behind: a row is not behind itself.
const behind =
  <Row>(compare: (a: Row, b: Row) => number, after: Row | undefined) =>
  (row: Row): boolean =>
    after === undefined || compare(row, after) > 0

// "newest `reg_date` first (nulls last), then highest `uid`"
const compareUsers = (a: UserRow, b: UserRow): number => newestFirst(a.reg_date, b.reg_date) || b.uid - a.uid

/** `uid`s of `GET /api/users`. */
export const userList = (data: BotData, botId: number, after?: UserRow): ReadonlyArray<number> =>
  data.users
    .filter((row) => row.bot_id === botId)
    .filter(behind(compareUsers, after))
    .sort(compareUsers)
    .map((row) => row.uid)

/** Days in `tz` (default UTC), `YYYY-MM-DD`. */
export interface PaymentFilter {
  readonly startDate?: string | undefined
  readonly endDate?: string | undefined
  readonly tz?: string | undefined
}

// "newest `date` first, then `bill_id` descending; each date alone or both, included". Payments of every status.
const comparePayments = (a: PaymentRow, b: PaymentRow): number =>
  newestFirst(a.date, b.date) || compareCodePoints(b.bill_id, a.bill_id)

/** `bill_id`s of `GET /api/payments`. */
export const paymentList = (
  data: BotData,
  botId: number,
  filter: PaymentFilter = {},
  after?: PaymentRow
): ReadonlyArray<string> => {
  const tz = filter.tz ?? "UTC"
  const from = filter.startDate === undefined ? Number.NEGATIVE_INFINITY : startOfDay(filter.startDate, tz)
  const to = filter.endDate === undefined ? Number.POSITIVE_INFINITY : endOfDay(filter.endDate, tz)
  return data.payments
    .filter((row) => row.bot_id === botId && row.date.getTime() >= from && row.date.getTime() < to)
    .filter(behind(comparePayments, after))
    .sort(comparePayments)
    .map((row) => row.bill_id)
}

// "newest `start_date` first (nulls last), then highest `uid`"; "An unknown `status` gives an empty list."
const compareSubscriptions = (a: SubscriptionRow, b: SubscriptionRow): number =>
  newestFirst(a.start_date, b.start_date) || b.uid - a.uid

/** `uid`s of `GET /api/subscriptions`; `status` is the parameter as it was sent, if it was. */
export const subscriptionList = (
  data: BotData,
  botId: number,
  status?: string,
  after?: SubscriptionRow
): ReadonlyArray<number> =>
  data.subscriptions
    .filter((row) => row.bot_id === botId && (status === undefined || sameWord(row.status, status)))
    .filter(behind(compareSubscriptions, after))
    .sort(compareSubscriptions)
    .map((row) => row.uid)
