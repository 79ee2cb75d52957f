import * as SqlClient from "@effect/sql/SqlClient"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import { timeLeft } from "../Domain/TimeLeft.js"

/** So long a change is nothing to speak of; past that it is said, and again each time. */
const SILENT = Duration.seconds(2)
const SAY_EVERY = Duration.seconds(10)

/** Rows a second of the last long change, by which the time of the next one is told: none before the first. */
export class Pace extends Context.Tag("app/Database/Pace")<Pace, Ref.Ref<number | undefined>>() {}

const rowsOf = (table: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      sql<{ readonly n: number | null }>`
        SELECT table_rows AS n FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ${table}`,
      ([row]) => Number(row?.n ?? 0)
    )
  )

/** Says how long a statement over a whole table has run for, and how long it may take yet. */
export const tellWhileLong =
  (table: string, statement: string) =>
  <A, E, R>(self: Effect.Effect<A, E, R>) =>
    Effect.gen(function* () {
      // Asked before: the connection is busy then.
      const rows = yield* rowsOf(table)
      const startedAt = yield* Clock.currentTimeMillis
      const pace = yield* Effect.serviceOption(Pace)
      const known = pace._tag === "Some" ? yield* Ref.get(pace.value) : undefined
      const say = Effect.flatMap(Clock.currentTimeMillis, (now) => {
        const seconds = (now - startedAt) / 1000
        const left = known === undefined ? "" : timeLeft(seconds, (seconds * known) / rows)
        return Effect.logInfo(
          `Changing ${table}, which has about ${rows} rows, for ${Math.round(seconds)} s by now${left}: ${statement}`
        )
      })
      const telling = Effect.zipRight(Effect.delay(say, SILENT), Effect.forever(Effect.delay(say, SAY_EVERY)))
      const [took, result] = yield* Effect.timed(Effect.scoped(Effect.zipRight(Effect.forkScoped(telling), self)))
      if (pace._tag === "Some" && Duration.greaterThan(took, SILENT)) {
        yield* Ref.set(pace.value, rows / Duration.toSeconds(took))
      }
      return result
    })
