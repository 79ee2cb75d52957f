import { SqlClient } from "@effect/sql"
import type { Fragment } from "@effect/sql/Statement"
import { Effect, Schema } from "effect"
import { BotAccess } from "../Access/BotAccess.js"
import { textExpressions } from "../Database/Text.js"
import { DAY_SECONDS, days, type Run, runs, toDatabase, UTC } from "../Domain/Calendar.js"
import type { AnalyticsParameters, DayFigures } from "./Api.js"
import { kinds } from "./Kinds.js"

const MetricRow = Schema.Struct({
  metric: Schema.Literal("granted", "registrations", "payments", "trials"),
  day: Schema.NonNegativeInt,
  rows_count: Schema.NonNegativeInt,
  keys_count: Schema.NonNegativeInt,
  renewals_count: Schema.NonNegativeInt
})
const Count = Schema.Union(Schema.NumberFromString, Schema.Number)
const decode = Schema.decodeUnknown(
  Schema.Array(
    Schema.Struct({ ...MetricRow.fields, day: Count, rows_count: Count, keys_count: Count, renewals_count: Count })
  )
)

const noFigures = { registrations: 0, payments: 0, trials: 0, keys: 0, renewals: 0 }

export class AnalyticsRepo extends Effect.Service<AnalyticsRepo>()("app/Analytics/Repo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const access = yield* BotAccess
    const text = yield* textExpressions
    const { isTrial, paymentKind } = yield* kinds

    /** Which day of the range an instant falls on, from the few runs of equal days that the range consists of. */
    const dayOf = (instant: Fragment, origin: Date, parts: ReadonlyArray<Run>): Fragment => {
      const seconds = sql`TIMESTAMPDIFF(SECOND, ${origin}, ${instant})`
      const dayIn = (run: Run) =>
        run.regular
          ? sql`${run.day} + (${seconds} - ${run.from}) DIV ${sql.literal(String(DAY_SECONDS))}`
          : sql`${run.day}`
      const [only, ...more] = parts
      if (only !== undefined && more.length === 0) return dayIn(only)
      const branches = parts.map((run) => sql`WHEN ${seconds} < ${run.to} THEN ${dayIn(run)}`)
      return sql`CASE ${branches.reduce((all, branch) => sql`${all} ${branch}`)} END`
    }

    /** The figures of every day of the range, from one snapshot. */
    const daily = ({ bot_id, end_date, start_date, tz = UTC }: AnalyticsParameters) =>
      Effect.gen(function* () {
        const range = days(tz, start_date, end_date)
        const parts = runs(range)
        const from = toDatabase(range.starts[0] ?? 0)
        const until = toDatabase(range.starts[range.starts.length - 1] ?? 0)
        const within = (column: Fragment) => sql`${column} >= ${from} AND ${column} < ${until}`
        const day = (column: Fragment) => dayOf(column, from, parts)
        const rows = yield* access.query(
          bot_id,
          (granted, tables) => sql`
            SELECT 'granted' AS metric, 0 AS day, 0 AS rows_count, 0 AS keys_count, 0 AS renewals_count FROM ${granted}
            UNION ALL
            SELECT 'registrations', r.day, COUNT(*), 0, 0
            FROM (
              SELECT ${day(sql`u.reg_date`)} AS day
              FROM ${granted} JOIN users u ON u.bot_id = granted.uid
              WHERE u.bot_id = ${bot_id} AND ${within(sql`u.reg_date`)}
            ) AS r GROUP BY r.day
            UNION ALL
            SELECT 'payments', r.day, COUNT(*), SUM(r.kind = 'key'), SUM(r.kind = 'renewal')
            FROM (
              SELECT ${day(sql`p.date`)} AS day, ${paymentKind(tables)} AS kind
              FROM ${granted} JOIN payments p ON p.bot_id = granted.uid
              WHERE p.bot_id = ${bot_id} AND ${within(sql`p.date`)} AND ${text.isPaid(sql`p.status`)}
            ) AS r GROUP BY r.day
            UNION ALL
            SELECT 'trials', r.day, COUNT(*), 0, 0
            FROM (
              SELECT ${day(sql`s.start_date`)} AS day
              FROM ${granted} JOIN subscriptions s ON s.bot_id = granted.uid
              WHERE s.bot_id = ${bot_id} AND ${within(sql`s.start_date`)} AND ${isTrial(tables)}
            ) AS r GROUP BY r.day`
        )
        const figures: Array<DayFigures> = range.dates.map((date) => ({ date, ...noFigures }))
        for (const row of yield* Effect.orDie(decode(rows))) {
          const entry = figures[row.day]
          if (row.metric === "granted" || entry === undefined) continue
          figures[row.day] = {
            ...entry,
            [row.metric]: row.rows_count,
            ...(row.metric === "payments" ? { keys: row.keys_count, renewals: row.renewals_count } : {})
          }
        }
        return figures
      })

    return { daily } as const
  })
}) {}
