/** Section 6, "each counts rows of the one bot, on the day in which the row's own time falls". */
import type { BotData, PaymentRow } from "../bots/Rows.js"
import { rowsByUser, type StartedSubscription, type UserRows } from "./ByUser.js"
import { dayIndex, dayStarts, listDays } from "./Days.js"
import { type Purpose, saidPurpose, saidTrial } from "./Meta.js"

/** 15 minutes, in ms; both ends of "within" and "up to" are included. */
const quarter = 15 * 60 * 1000

/** Whether one of the subscriptions, ordered by start, started from `from` to `to` (ms), both included. */
const startedBetween = (started: ReadonlyArray<StartedSubscription>, from: number, to: number): boolean => {
  let low = 0
  let high = started.length
  // `low` becomes the first that started at or after `from`.
  while (low < high) {
    const middle = (low + high) >> 1
    if ((started[middle]?.start_date.getTime() ?? Number.NaN) < from) low = middle + 1
    else high = middle
  }
  const next = started[low]
  return next !== undefined && next.start_date.getTime() <= to
}

/** "Each is exactly one of: a key purchase, a renewal, or other (a top-up, a gift, an add-on)." */
export const purposeOf = (payment: PaymentRow, user: UserRows): Purpose => {
  // "what a PAID payment was for is what its `meta` says"
  const said = saidPurpose(payment.meta)
  if (said !== undefined) return said
  // "Where `meta` says nothing: it is a key purchase if it is the user's first PAID payment in this bot (by `date`, then
  // `bill_id`; payments marked other are not looked at),"
  if (user.notMarkedOther[0] === payment) return "key"
  // "or if a subscription of the user in this bot started within 15 minutes before or after it;"
  const paidAt = payment.date.getTime()
  if (startedBetween(user.started, paidAt - quarter, paidAt + quarter)) return "key"
  // "else a renewal."
  return "renewal"
}

export const isTrial = (subscription: StartedSubscription, user: UserRows): boolean => {
  // "`meta` says yes", "It says no"
  const said = saidTrial(subscription.meta)
  if (said !== undefined) return said
  // "Where it says nothing: it is a trial if it is the user's first subscription in this bot (by `start_date`, then `uid`)"
  if (user.started[0] !== subscription) return false
  // "and the user has no PAID payment in this bot up to 15 minutes after it started." Whatever the payment was for.
  const firstPaid = user.paid[0]
  return firstPaid === undefined || firstPaid.date.getTime() > subscription.start_date.getTime() + quarter
}

/** The wire shape of `GET /api/analytics`. */
export interface DayFigures {
  readonly date: string
  readonly registrations: number
  readonly payments: number
  readonly trials: number
  readonly keys: number
  readonly renewals: number
}

type Metric = Exclude<keyof DayFigures, "date">

/**
 * The figures of a bot for every day from `startDate` to `endDate` (`YYYY-MM-DD`, both included) in the zone `tz`.
 *
 * "What a row counts as depends on the data alone, never on the range asked for": the range is looked at only where a row
 * has been judged.
 */
export const analytics = (
  data: BotData,
  botId: number,
  startDate: string,
  endDate: string,
  tz: string
): ReadonlyArray<DayFigures> => {
  const starts = dayStarts(startDate, endDate, tz)
  // "one entry for every day from `start_date` to `end_date`, both included, zeros where nothing happened"
  const days = listDays(startDate, endDate).map((date) => ({
    date,
    registrations: 0,
    payments: 0,
    trials: 0,
    keys: 0,
    renewals: 0
  }))
  const count = (metric: Metric, at: Date) => {
    const day = days[dayIndex(starts, at.getTime())]
    if (day !== undefined) day[metric] += 1
  }

  // "registrations: `users` rows by `reg_date`." "a row without that time is in no day"
  for (const row of data.users) if (row.bot_id === botId && row.reg_date !== null) count("registrations", row.reg_date)

  for (const user of rowsByUser(data, botId).values()) {
    for (const payment of user.paid) {
      // "payments: `PAID` rows of `payments` by `date`."
      count("payments", payment.date)
      const purpose = purposeOf(payment, user)
      if (purpose === "key") count("keys", payment.date)
      if (purpose === "renewal") count("renewals", payment.date)
    }
    // "trials: `subscriptions` rows by `start_date` that are trials."
    for (const row of user.started) if (isTrial(row, user)) count("trials", row.start_date)
  }
  return days
}
