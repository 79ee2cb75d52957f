import { SqlClient } from "@effect/sql"
import type { Fragment } from "@effect/sql/Statement"
import { Effect } from "effect"
import type { BotTables } from "../Database/BotTables.js"
import { textExpressions } from "../Database/Text.js"

/**
 * What a payment was for and whether a subscription was a trial, as SQL expressions: section 6 of the contract. They look
 * at the row and at its user's other rows in the same bot, never at the range that was asked for.
 */

const KEY_WORDS = ["key", "purchase", "buy", "new"]
const RENEWAL_WORDS = ["renewal", "renew", "extend", "prolong"]

export const kinds = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const text = yield* textExpressions

  // TEXT columns and MariaDB's JSON may hold what is no JSON, over which the JSON functions would fail the statement.
  const ifObject = (meta: Fragment, value: Fragment) =>
    sql`CASE WHEN JSON_VALID(${meta}) THEN CASE WHEN JSON_TYPE(${meta}) = 'OBJECT' THEN ${value} END END`

  const member = (meta: Fragment, name: string) => sql`JSON_EXTRACT(${meta}, ${sql.literal(`'$.${name}'`)})`

  /** The member's text, folded; null where it is no text, or blank: then it says nothing. */
  const word = (meta: Fragment, name: string) => {
    const value = member(meta, name)
    return sql`CASE WHEN JSON_TYPE(${value}) = 'STRING' THEN NULLIF(${text.fold(sql`JSON_UNQUOTE(${value})`)}, '') END`
  }

  /** The member is `true`, `1`, `"true"` or `"1"`. */
  const isTrue = (meta: Fragment, name: string) => {
    const value = member(meta, name)
    const unquoted = sql`JSON_UNQUOTE(${value})`
    return sql`CASE
      WHEN JSON_TYPE(${value}) = 'BOOLEAN' THEN ${unquoted} = 'true'
      WHEN JSON_TYPE(${value}) = 'STRING' THEN ${text.fold(unquoted)} IN ('true', '1')
      WHEN JSON_TYPE(${value}) IN ('INTEGER', 'UNSIGNED INTEGER', 'DOUBLE', 'DECIMAL') THEN ${unquoted} + 0 = 1
      ELSE FALSE END`
  }

  const saidKind = (meta: Fragment) =>
    ifObject(meta, sql`COALESCE(${word(meta, "kind")}, ${word(meta, "type")}, ${word(meta, "purpose")})`)

  /** 1 a trial, 0 none, null: says nothing. */
  const saidTrial = (meta: Fragment) => {
    const kind = sql`COALESCE(${word(meta, "kind")}, ${word(meta, "type")})`
    return ifObject(
      meta,
      sql`CASE
        WHEN ${isTrue(meta, "trial")} OR ${isTrue(meta, "is_trial")} THEN 1
        WHEN ${kind} = 'trial' THEN 1
        WHEN JSON_CONTAINS_PATH(${meta}, 'one', '$.trial', '$.is_trial') OR ${kind} IS NOT NULL THEN 0 END`
    )
  }

  const metaOf = (tables: BotTables, table: "payments" | "subscriptions", alias: string) =>
    tables.has(table, "meta") ? sql`${sql(`${alias}.meta`)}` : sql`NULL`

  return {
    /** `'key'`, `'renewal'` or `'other'` for the PAID payment `p`. */
    paymentKind: (tables: BotTables) => {
      const billId = (alias: "p" | "q") => {
        const column = sql`${sql(`${alias}.bill_id`)}`
        return tables.billIdIsBinary ? column : text.binary(column)
      }
      const said = (alias: "p" | "q") => sql`COALESCE(${saidKind(metaOf(tables, "payments", alias))}, '')`
      // Of the user's PAID payments not marked other, one came before this.
      const earlierPayment = sql`EXISTS (
        SELECT 1 FROM payments q
        WHERE q.bot_id = p.bot_id AND q.user_id = p.user_id AND ${text.isPaid(sql`q.status`)}
          AND (q.date < p.date OR (q.date = p.date AND ${billId("q")} < ${billId("p")}))
          AND ${said("q")} IN ('', ${words(sql, KEY_WORDS)}, ${words(sql, RENEWAL_WORDS)}))`
      const subscriptionNearby = sql`EXISTS (
        SELECT 1 FROM subscriptions n
        WHERE n.bot_id = p.bot_id AND n.user_id = p.user_id
          AND n.start_date >= p.date - INTERVAL 15 MINUTE AND n.start_date <= p.date + INTERVAL 15 MINUTE)`
      // The operand of a simple CASE is worked out once; `meta` that says nothing is '', which no word is.
      return sql`CASE ${said("p")}
        ${whens(sql, KEY_WORDS, "key")}
        ${whens(sql, RENEWAL_WORDS, "renewal")}
        WHEN '' THEN CASE
          WHEN NOT ${earlierPayment} THEN 'key'
          WHEN ${subscriptionNearby} THEN 'key'
          ELSE 'renewal' END
        ELSE 'other' END`
    },

    /** Whether the subscription `s` is a trial. */
    isTrial: (tables: BotTables) => {
      const earlierSubscription = sql`EXISTS (
        SELECT 1 FROM subscriptions e
        WHERE e.bot_id = s.bot_id AND e.user_id = s.user_id
          AND (e.start_date < s.start_date OR (e.start_date = s.start_date AND e.uid < s.uid)))`
      const paidByThen = sql`EXISTS (
        SELECT 1 FROM payments q
        WHERE q.bot_id = s.bot_id AND q.user_id = s.user_id AND ${text.isPaid(sql`q.status`)}
          AND q.date <= s.start_date + INTERVAL 15 MINUTE)`
      return sql`CASE ${saidTrial(metaOf(tables, "subscriptions", "s"))}
        WHEN 1 THEN TRUE
        WHEN 0 THEN FALSE
        ELSE NOT ${earlierSubscription} AND NOT ${paidByThen} END`
    }
  }
})

/** Words of ours as literals: they are part of the text, never input. */
const words = (sql: SqlClient.SqlClient, list: ReadonlyArray<string>) =>
  sql.literal(list.map((word) => `'${word}'`).join(", "))

const whens = (sql: SqlClient.SqlClient, list: ReadonlyArray<string>, kind: string) =>
  sql.literal(list.map((word) => `WHEN '${word}' THEN '${kind}'`).join(" "))
