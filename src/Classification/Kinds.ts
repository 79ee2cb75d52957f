import * as SqlClient from "@effect/sql/SqlClient"
import type { Fragment } from "@effect/sql/Statement"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import type { BotTables } from "../Database/BotTables.js"
import { besideUser } from "../Tables/Bound.js"
import { columnExpressions } from "../Tables/Expressions.js"
import { metaExpressions } from "./Meta.js"

/**
 * What a payment was for and whether a subscription was a trial, as SQL expressions (section 6 of the contract). They look
 * at the row and at its user's other rows in the same bot, never at the range that was asked for.
 *
 * The hints are MySQL's alone. They matter where much was written a moment ago. Until the server has counted the rows again,
 * it takes the table for empty, and walks over all of the bot's rows for each of them.
 */
export const kinds = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { inOrder, isPaid, meta } = yield* columnExpressions
  const { saidPurpose, saidTrial } = yield* metaExpressions

  // A month or a day 0 is no time, and comes before all times. No index is chosen by this.
  const isTime = (column: string) => sql.literal(`MONTH(${column}) * DAYOFMONTH(${column}) > 0`)

  return {
    /** `'key'`, `'renewal'` or `'other'` for the PAID payment `p`. */
    paymentKind: (tables: BotTables) => {
      const ordered = inOrder(tables, "payments", "bill_id") ?? identity<Fragment>
      const beside = besideUser(sql, tables, "payments", "p")
      // Of the user's PAID payments not marked other, one came before this.
      const earlierPayment = sql`EXISTS (
        SELECT /*+ INDEX(q payments_bot_user) */ 1 FROM ${beside("payments", "q")}
          AND (q.date < p.date OR (q.date = p.date AND ${ordered(sql`q.bill_id`)} < ${ordered(sql`p.bill_id`)}))
          AND ${isTime("q.date")} AND ${isPaid(tables, "q")} AND ${saidPurpose(meta(tables, "payments", "q"))} <> 'other')`
      const subscriptionNearby = sql`EXISTS (
        SELECT /*+ INDEX(n subscriptions_bot_user) */ 1 FROM ${beside("subscriptions", "n")}
          AND n.start_date >= p.date - INTERVAL 15 MINUTE AND n.start_date <= p.date + INTERVAL 15 MINUTE)`
      return sql`CASE ${saidPurpose(meta(tables, "payments", "p"))}
        WHEN 'key' THEN 'key'
        WHEN 'renewal' THEN 'renewal'
        WHEN 'other' THEN 'other'
        ELSE CASE
          WHEN NOT ${earlierPayment} THEN 'key'
          WHEN ${subscriptionNearby} THEN 'key'
          ELSE 'renewal' END END`
    },

    /** Whether the subscription `s` is a trial. */
    isTrial: (tables: BotTables) => {
      const ordered = inOrder(tables, "subscriptions", "uid") ?? identity<Fragment>
      const beside = besideUser(sql, tables, "subscriptions", "s")
      const earlierSubscription = sql`EXISTS (
        SELECT /*+ INDEX(e subscriptions_bot_user) */ 1 FROM ${beside("subscriptions", "e")}
          AND (e.start_date < s.start_date
            OR (e.start_date = s.start_date AND ${ordered(sql`e.uid`)} < ${ordered(sql`s.uid`)}))
          AND ${isTime("e.start_date")})`
      const paidByThen = sql`EXISTS (
        SELECT /*+ INDEX(q payments_bot_user) */ 1 FROM ${beside("payments", "q")}
          AND q.date <= s.start_date + INTERVAL 15 MINUTE
          AND ${isTime("q.date")} AND ${isPaid(tables, "q")})`
      return sql`CASE ${saidTrial(meta(tables, "subscriptions", "s"))}
        WHEN 'yes' THEN TRUE
        WHEN 'no' THEN FALSE
        ELSE NOT ${earlierSubscription} AND NOT ${paidByThen} END`
    }
  }
})
