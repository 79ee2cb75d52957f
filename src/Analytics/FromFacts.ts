import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { named } from "../Database/Union.js"
import { type Days, days, UTC } from "../Domain/Calendar.js"
import { Facts, type FactsAnswer } from "../Facts/Facts.js"
import { type Counts, count, noCounts, QUARTER_BYTES, readCounts } from "../Facts/Store/Counts.js"
import type { Fact } from "../Facts/Store/Fact.js"
import type { AnalyticsParameters, DayFigures } from "./Api.js"
import { type Boundaries, boundariesOf, dayOf, positionOf } from "./Boundaries.js"

/** What a UTC day has up to the boundary that lies in it, and in all. The row of a bot without facts has neither. */
const DayRow = Schema.Struct({
  day: Schema.NullOr(Schema.Int),
  head: Schema.NullOr(Schema.instanceOf(Buffer)),
  whole: Schema.NullOr(Schema.instanceOf(Buffer))
})
const isDayRow = Schema.is(DayRow)

interface Day {
  readonly head: Counts
  readonly whole: Counts
}

const nothing: Day = { head: noCounts(), whole: noCounts() }

const add = (sum: Counts, counts: Counts, sign: 1 | -1) => {
  sum.registrations += sign * counts.registrations
  sum.payments += sign * counts.payments
  sum.keys += sign * counts.keys
  sum.renewals += sign * counts.renewals
  sum.trials += sign * counts.trials
  sum.bills += sign * counts.bills
}

const daysOf = (rows: FactsAnswer["rows"]): ReadonlyMap<number, Day> => {
  const found = new Map<number, Day>()
  for (const row of rows) {
    if (!isDayRow(row)) throw new Error("A day of facts is not what it should be")
    if (row.day === null || row.head === null || row.whole === null) continue
    found.set(row.day, { head: readCounts(row.head), whole: readCounts(row.whole) })
  }
  return found
}

/** The counts between each boundary and the next. */
const between = ({ quarters }: Boundaries, found: ReadonlyMap<number, Day>): ReadonlyArray<Counts> => {
  const parts: Array<Counts> = []
  for (let i = 0; i + 1 < quarters.length; i++) {
    const [from = 0, to = 0] = [quarters[i], quarters[i + 1]]
    const sum = noCounts()
    for (let day = dayOf(from); day < dayOf(to); day++) add(sum, (found.get(day) ?? nothing).whole, 1)
    if (positionOf(from) > 0) add(sum, (found.get(dayOf(from)) ?? nothing).head, -1)
    if (positionOf(to) > 0) add(sum, (found.get(dayOf(to)) ?? nothing).head, 1)
    parts.push(sum)
  }
  return parts
}

/** Which part a quarter lies in, by halving; parts may be empty. */
const partOf = ({ quarters }: Boundaries, quarter: number): number => {
  let [low, high] = [0, quarters.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((quarters[middle] ?? 0) <= quarter) low = middle + 1
    else high = middle
  }
  return low - 1
}

const addDifference = (parts: ReadonlyArray<Counts>, boundaries: Boundaries, difference: ReadonlyArray<Fact>) => {
  for (const fact of difference) {
    const part = fact.quarter === null ? undefined : parts[partOf(boundaries, fact.quarter)]
    if (part !== undefined) count(part, fact)
  }
}

const toFigures = ({ dates }: Days, parts: ReadonlyArray<Counts>): ReadonlyArray<DayFigures> =>
  dates.map((date, i) => {
    const { keys, payments, registrations, renewals, trials } = parts[i] ?? noCounts()
    return { date, registrations, payments, trials, keys, renewals }
  })

/** The figures of days from facts: a row for each day of UTC, whatever happened in it. */
export const analyticsFromFacts = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const facts = yield* Facts

  /** Where in a UTC day's running totals those up to the boundary begin. */
  const headOf = ({ positions }: Boundaries) => {
    const [first, ...more] = positions.map(({ from, position }) => ({
      from,
      byte: sql`${(position - 1) * QUARTER_BYTES + 1}`
    }))
    const byte = more.reduce(
      (earlier, { byte, from }) => sql`CASE WHEN d.day >= ${from} THEN ${byte} ELSE ${earlier} END`,
      first?.byte ?? sql`1`
    )
    return sql`SUBSTRING(d.counts, ${byte}, ${sql.literal(String(QUARTER_BYTES))})`
  }

  /** The figures of every day of the range; none where they can't be read from facts. */
  const daily = ({ bot_id, end_date, start_date, tz = UTC }: AnalyticsParameters) =>
    Effect.gen(function* () {
      const range = days(tz, start_date, end_date)
      const boundaries = boundariesOf(range)
      if (boundaries === undefined) return Option.none<ReadonlyArray<DayFigures>>()
      const { quarters } = boundaries
      const [from, to] = [dayOf(quarters[0] ?? 0), dayOf(quarters[quarters.length - 1] ?? 0)]
      const answer = yield* facts.query(
        bot_id,
        ({ on }, _, standing) => sql`
          SELECT ${named(sql, standing.columns)}, d.day AS day, ${headOf(boundaries)} AS head, RIGHT(d.counts, ${sql.literal(String(QUARTER_BYTES))}) AS whole
          FROM ${standing.granted}
          LEFT JOIN ${on("bot_analytics_days", "d")} AND d.day >= ${from} AND d.day <= ${to}`
      )
      return Option.map(answer, ({ difference, rows }) => {
        const parts = between(boundaries, daysOf(rows))
        addDifference(parts, boundaries, difference)
        return toFigures(range, parts)
      })
    })

  return { daily } as const
})
