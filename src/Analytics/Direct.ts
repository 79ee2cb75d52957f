import * as SqlClient from "@effect/sql/SqlClient"
import type { Fragment } from "@effect/sql/Statement"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { BotAccess } from "../Access/BotAccess.js"
import { kinds } from "../Classification/Kinds.js"
import { DAY_SECONDS, days, type Run, runs, toDatabase, UTC } from "../Domain/Calendar.js"
import { columnExpressions } from "../Tables/Expressions.js"
import type { AnalyticsParameters, DayFigures } from "./Api.js"

/**
 * How many rows of a kind fall on a day, or on none, as a time with a day 0 does; `granted` is the row that is there whenever
 * the admin owns the bot.
 */
const CountRow = Schema.Struct({
  kind: Schema.Literal("granted", "registration", "trial", "key", "renewal", "other"),
  day: Schema.NullOr(Schema.NonNegativeInt),
  rows_count: Schema.NonNegativeInt
})
const decode = Schema.decodeUnknown(Schema.Array(CountRow))

type Figure = Exclude<keyof DayFigures, "date">

/** The figures that a row of each kind counts in. */
const FIGURES: Record<(typeof CountRow.Type)["kind"], ReadonlyArray<Figure>> = {
  granted: [],
  registration: ["registrations"],
  trial: ["trials"],
  key: ["payments", "keys"],
  renewal: ["payments", "renewals"],
  other: ["payments"]
}

/** The figures worked out from the bot's rows, each time anew: for any database, and exact by definition. */
export class DirectAnalytics extends Effect.Service<DirectAnalytics>()("app/Analytics/Direct", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const access = yield* BotAccess
    const { isPaid } = yield* columnExpressions
    const { isTrial, paymentKind } = yield* kinds

    /** Which day of the range an instant falls on, from the few runs of equal days that the range consists of. */
    const dayOf = (instant: Fragment, parts: ReadonlyArray<Run>): Fragment => {
      const dayIn = ({ day, from, regular }: Run) =>
        regular
          ? sql`${day} + TIMESTAMPDIFF(SECOND, ${toDatabase(from)}, ${instant}) DIV ${sql.literal(String(DAY_SECONDS))}`
          : sql`${day}`
      const [first, ...more] = [...parts].reverse()
      if (first === undefined) return sql`0`
      return more.reduce(
        (later, run) => sql`CASE WHEN ${instant} < ${toDatabase(run.to)} THEN ${dayIn(run)} ELSE ${later} END`,
        dayIn(first)
      )
    }

    /** The figures of every day of the range, from one snapshot. */
    const daily = ({ bot_id, end_date, start_date, tz = UTC }: AnalyticsParameters) =>
      Effect.gen(function* () {
        const range = days(tz, start_date, end_date)
        const parts = runs(range)
        const from = toDatabase(range.starts[0] ?? 0)
        const until = toDatabase(range.starts[range.starts.length - 1] ?? 0)
        const within = (column: Fragment) => sql`${column} >= ${from} AND ${column} < ${until}`
        const day = (column: Fragment) => dayOf(column, parts)
        // The hints are MySQL's alone. Without them it walks over all of the bot's rows by user, not over the range.
        const rows = yield* access.query(
          bot_id,
          ({ granted, on }, tables) => sql`
            SELECT 'granted' AS kind, 0 AS day, 0 AS rows_count FROM ${granted}
            UNION ALL
            SELECT 'registration', r.day, COUNT(*)
            FROM (
              SELECT ${day(sql`u.reg_date`)} AS day
              FROM ${granted} JOIN ${on("users", "u")} AND ${within(sql`u.reg_date`)}
            ) AS r GROUP BY r.day
            UNION ALL
            SELECT r.kind, r.day, COUNT(*)
            FROM (
              SELECT /*+ INDEX(p payments_bot_date) */ ${day(sql`p.date`)} AS day, ${paymentKind(tables)} AS kind
              FROM ${granted} JOIN ${on("payments", "p")} AND ${within(sql`p.date`)} AND ${isPaid(tables, "p")}
            ) AS r GROUP BY r.kind, r.day
            UNION ALL
            SELECT 'trial', r.day, COUNT(*)
            FROM (
              SELECT /*+ INDEX(s subscriptions_bot_start) */ ${day(sql`s.start_date`)} AS day
              FROM ${granted} JOIN ${on("subscriptions", "s")} AND ${within(sql`s.start_date`)} AND ${isTrial(tables)}
            ) AS r GROUP BY r.day`
        )
        const counts = range.dates.map((date) => ({
          date,
          ...{ registrations: 0, payments: 0, trials: 0, keys: 0, renewals: 0 }
        }))
        for (const row of yield* Effect.orDie(decode(rows))) {
          const figures = row.day === null ? undefined : counts[row.day]
          if (figures !== undefined) for (const figure of FIGURES[row.kind]) figures[figure] += row.rows_count
        }
        return counts satisfies ReadonlyArray<DayFigures>
      })

    return { daily } as const
  })
}) {}
