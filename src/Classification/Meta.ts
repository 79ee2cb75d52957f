import * as SqlClient from "@effect/sql/SqlClient"
import type { Fragment } from "@effect/sql/Statement"
import * as Effect from "effect/Effect"
import { textExpressions } from "../Database/Text.js"
import type { JsonColumn } from "../Tables/Expressions.js"

const KEY_WORDS = ["key", "purchase", "buy", "new"]
const RENEWAL_WORDS = ["renewal", "renew", "extend", "prolong"]

/** JSON_TYPE of a number, in both servers' words. */
const NUMBERS = ["INTEGER", "UNSIGNED INTEGER", "DOUBLE", "DECIMAL"]

/** An escape that JSON does not have. MariaDB's JSON_VALID accepts it, so the condition is in a comment that only MariaDB reads. */
const BAD_ESCAPE = String.raw`(?-i)(?<!\\)(?:\\\\)*\\[^"\\/bfnrtu]`.replaceAll("\\", "\\\\")

/** MySQL fails a statement that looks into a text of deeper JSON, be it by JSON_VALID (3157). */
const DEEPEST = 100

/**
 * Around a text of JSON: what is left of its brackets once strings and all else are taken away, and then the innermost pairs,
 * once for each level. That is nothing, unless it is deeper.
 */
const [BEFORE, AFTER] = [
  `${"REPLACE(".repeat(DEEPEST)}REPLACE(REPLACE(REGEXP_REPLACE(REPLACE(REPLACE(`,
  String.raw`, '\\\\', ''), '\\"', ''), '"[^"]*"|[^\\[\\]\\{\\}"]+', ''), '{', '['), '}', ']')` +
    ", '[]', '')".repeat(DEEPEST)
]

/**
 * What a row's `meta` says, as SQL expressions. The servers evaluate an expression as often as it stands in the text, but the
 * operand of a simple CASE once. So each member's text is such an operand.
 */
export const metaExpressions = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const text = yield* textExpressions

  /** Nearly all texts have fewer brackets than that in all. */
  const isTooDeep = (meta: Fragment): Fragment => {
    const deepest = sql.literal(String(DEEPEST))
    const exact = text.byCodePoints(meta)
    return sql`CHAR_LENGTH(${meta}) > ${deepest}
      AND CHAR_LENGTH(${meta}) - CHAR_LENGTH(REPLACE(REPLACE(${exact}, '[', ''), '{', '')) > ${deepest}
      AND ${sql.literal(BEFORE)}${exact}${sql.literal(AFTER)} <> ''`
  }

  // TEXT columns and MariaDB's JSON may hold what is no JSON, over which the JSON functions would fail the statement. Too deep
  // a text is no JSON for MariaDB, and to be told apart for MySQL alone, which reads that comment.
  const ifObject = ({ isJson, value: meta }: JsonColumn, value: Fragment, otherwise: Fragment) => sql`CASE
    WHEN ${meta} IS NULL THEN ${otherwise}
    ${isJson ? sql.literal("") : sql`/*!80000 WHEN ${isTooDeep(meta)} THEN ${otherwise} */`}
    WHEN NOT JSON_VALID(${meta}) THEN ${otherwise}
    /*M! WHEN LOCATE('\\\\', ${meta}) > 0 AND ${meta} REGEXP ${sql.literal(`'${BAD_ESCAPE}'`)} THEN ${otherwise} */
    WHEN JSON_TYPE(${meta}) <> 'OBJECT' THEN ${otherwise}
    ELSE ${value} END`

  const member = (meta: Fragment, name: string) => sql`JSON_EXTRACT(${meta}, ${sql.literal(`'$.${name}'`)})`

  /** The member's text, folded; '' where it is no text, or blank, or not there: then it says nothing. */
  const word = (meta: Fragment, name: string) => {
    const value = member(meta, name)
    return text.fold(sql`CASE WHEN JSON_TYPE(${value}) = 'STRING' THEN JSON_UNQUOTE(${value}) ELSE '' END`)
  }

  /** The member is `true`, `1`, `"true"` or `"1"`. */
  const isTrue = (meta: Fragment, name: string) => {
    const value = member(meta, name)
    const unquoted = sql`JSON_UNQUOTE(${value})`
    return sql`CASE JSON_TYPE(${value})
      WHEN 'BOOLEAN' THEN ${unquoted} = 'true'
      WHEN 'STRING' THEN ${text.fold(unquoted)} IN ('true', '1')
      ${join(NUMBERS.map((type) => sql`WHEN ${sql.literal(`'${type}'`)} THEN ${unquoted} + 0 = 1`))}
      ELSE FALSE END`
  }

  const join = (fragments: ReadonlyArray<Fragment>) => fragments.reduce((all, fragment) => sql`${all} ${fragment}`)

  // Words of ours as literals: they are part of the text, never input.
  const whens = (words: ReadonlyArray<string>, kind: string) =>
    sql.literal(words.map((word) => `WHEN '${word}' THEN '${kind}'`).join(" "))

  return {
    /** What a payment was for: `'key'`, `'renewal'`, `'other'`, or `''` where `meta` says nothing. */
    saidPurpose: (column: JsonColumn) => {
      const meta = column.value
      const said = (name: string, otherwise: Fragment) => sql`CASE ${word(meta, name)}
        WHEN '' THEN ${otherwise} ${whens(KEY_WORDS, "key")} ${whens(RENEWAL_WORDS, "renewal")} ELSE 'other' END`
      return ifObject(column, said("kind", said("type", said("purpose", sql`''`))), sql`''`)
    },

    /** Whether a subscription was a trial: `'yes'`, `'no'`, or `''` where `meta` says nothing. */
    saidTrial: (column: JsonColumn) => {
      const meta = column.value
      const said = (name: string, otherwise: Fragment) =>
        sql`CASE ${word(meta, name)} WHEN '' THEN ${otherwise} WHEN 'trial' THEN 'yes' ELSE 'no' END`
      // A flag is there whatever its value, null included.
      const flagThere = sql`CASE WHEN JSON_CONTAINS_PATH(${meta}, 'one', '$.trial', '$.is_trial') THEN 'no' ELSE '' END`
      return ifObject(
        column,
        sql`CASE
          WHEN ${isTrue(meta, "trial")} OR ${isTrue(meta, "is_trial")} THEN 'yes'
          ELSE ${said("kind", said("type", flagThere))} END`,
        sql`''`
      )
    }
  }
})
