import * as SqlClient from "@effect/sql/SqlClient"
import type { Fragment } from "@effect/sql/Statement"
import * as Effect from "effect/Effect"
import type { Grant } from "../Access/Grant.js"
import { withinDatabase } from "../Domain/Calendar.js"
import { FIGURES, type Figure, QUARTER_BYTES } from "./Store/Counts.js"
import { QUARTER_MILLIS, QUARTERS_IN_DAY } from "./Store/Fact.js"

/** Quarters of an hour since 1970, from `from` on and before `to`; open where left out. */
export interface Quarters {
  readonly from?: number | undefined
  readonly to?: number | undefined
}

/** None where an end lies between two quarters, or the database knows no such time. */
export const quartersOf = (from: number | undefined, to: number | undefined): Quarters | undefined => {
  const quarterOf = (instant: number | undefined) =>
    instant === undefined ? undefined : withinDatabase(instant) / QUARTER_MILLIS
  const quarters = { from: quarterOf(from), to: quarterOf(to) }
  return Object.values(quarters).every((quarter) => quarter === undefined || Number.isInteger(quarter))
    ? quarters
    : undefined
}

export const isWithin = (quarter: number | null, { from, to }: Quarters): boolean =>
  quarter !== null && (from === undefined || quarter >= from) && (to === undefined || quarter < to)

const dayOf = (quarter: number): number => Math.floor(quarter / QUARTERS_IN_DAY)

/** How many rows of a kind lie within a stretch of time, as an expression: a look at one short row for each of its days. */
export const countWithin = Effect.map(SqlClient.SqlClient, (sql) => {
  const numberAt = (byte: Fragment) => sql`CAST(CONV(HEX(SUBSTRING(d.counts, ${byte}, 4)), 16, 10) AS SIGNED)`
  const first = (figure: Figure) => 1 + FIGURES.indexOf(figure) * 4

  /** Up to the end of the UTC day `d.day`. */
  const whole = (figure: Figure) => numberAt(sql.literal(String((QUARTERS_IN_DAY - 1) * QUARTER_BYTES + first(figure))))

  /** In the UTC day `d.day`, before the quarter. */
  const before = (figure: Figure, quarter: number) => {
    const position = quarter - dayOf(quarter) * QUARTERS_IN_DAY
    return position === 0 ? sql`0` : numberAt(sql`${(position - 1) * QUARTER_BYTES + first(figure)}`)
  }

  return (grant: Grant, figure: Figure, { from, to }: Quarters): Fragment => {
    const days = to === undefined ? whole(figure) : sql`CASE WHEN d.day < ${dayOf(to)} THEN ${whole(figure)} ELSE 0 END`
    const head =
      from === undefined ? sql`0` : sql`CASE WHEN d.day = ${dayOf(from)} THEN ${before(figure, from)} ELSE 0 END`
    const tail = to === undefined ? sql`0` : sql`CASE WHEN d.day = ${dayOf(to)} THEN ${before(figure, to)} ELSE 0 END`
    const first = from === undefined ? sql`` : sql` AND d.day >= ${dayOf(from)}`
    const inRange = to === undefined ? first : sql`${first} AND d.day <= ${dayOf(to)}`
    return sql`(SELECT CAST(COALESCE(SUM(${days} - ${head} + ${tail}), 0) AS SIGNED) FROM ${grant.where("bot_analytics_days", "d")}${inRange})`
  }
})

/** A figure over all time, of one label or of all, as an expression. */
export const keptTotal = Effect.map(
  SqlClient.SqlClient,
  (sql) =>
    (grant: Grant, metric: "user" | "bill" | "subscription", label?: Fragment): Fragment => {
      const one = label === undefined ? sql`` : sql` AND t.label = ${label}`
      return sql`(
        SELECT CAST(COALESCE(SUM(t.n), 0) AS SIGNED)
        FROM ${grant.where("bot_analytics_totals", "t")} AND t.metric = ${metric}${one})`
    }
)
