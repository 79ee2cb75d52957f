import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import type { BotTables } from "../Database/BotTables.js"
import { textExpressions } from "../Database/Text.js"
import { beside } from "../Tables/Bound.js"
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
  const text = yield* textExpressions
  const { saidPurpose, saidTrial } = yield* metaExpressions

  const metaOf = (tables: BotTables, table: "payments" | "subscriptions", alias: string) =>
    tables.column(table, "meta") !== undefined ? sql`${sql(`${alias}.meta`)}` : sql`NULL`

  return {
    /** `'key'`, `'renewal'` or `'other'` for the PAID payment `p`. */
    paymentKind: (tables: BotTables) => {
      const byCodePoints = text.byCodePoints(tables.column("payments", "bill_id"))
      const billId = (alias: "p" | "q") => {
        const column = sql`${sql(`${alias}.bill_id`)}`
        return byCodePoints === undefined ? column : byCodePoints(column)
      }
      // Of the user's PAID payments not marked other, one came before this.
      const earlierPayment = sql`EXISTS (
        SELECT /*+ INDEX(q payments_bot_user) */ 1 FROM ${beside(sql, "payments", "q", "p")} AND q.user_id = p.user_id
          AND (q.date < p.date OR (q.date = p.date AND ${billId("q")} < ${billId("p")}))
          AND ${text.isPaid(sql`q.status`)} AND ${saidPurpose(metaOf(tables, "payments", "q"))} <> 'other')`
      const subscriptionNearby = sql`EXISTS (
        SELECT /*+ INDEX(n subscriptions_bot_user) */ 1 FROM ${beside(sql, "subscriptions", "n", "p")} AND n.user_id = p.user_id
          AND n.start_date >= p.date - INTERVAL 15 MINUTE AND n.start_date <= p.date + INTERVAL 15 MINUTE)`
      return sql`CASE ${saidPurpose(metaOf(tables, "payments", "p"))}
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
      const earlierSubscription = sql`EXISTS (
        SELECT /*+ INDEX(e subscriptions_bot_user) */ 1 FROM ${beside(sql, "subscriptions", "e", "s")} AND e.user_id = s.user_id
          AND (e.start_date < s.start_date OR (e.start_date = s.start_date AND e.uid < s.uid)))`
      const paidByThen = sql`EXISTS (
        SELECT /*+ INDEX(q payments_bot_user) */ 1 FROM ${beside(sql, "payments", "q", "s")} AND q.user_id = s.user_id
          AND q.date <= s.start_date + INTERVAL 15 MINUTE
          AND ${text.isPaid(sql`q.status`)})`
      return sql`CASE ${saidTrial(metaOf(tables, "subscriptions", "s"))}
        WHEN 'yes' THEN TRUE
        WHEN 'no' THEN FALSE
        ELSE NOT ${earlierSubscription} AND NOT ${paidByThen} END`
    }
  }
})
