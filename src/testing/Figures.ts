import { assert } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type { BotData } from "../../tools/bots/Rows.js"
import { analytics, type DayFigures } from "../../tools/oracle/Analytics.js"
import { CalendarDate } from "../Domain/Calendar.js"
import { BotId } from "../Domain/Ids.js"
import { exampleOf, fill, OWNER } from "./Bots.js"
import { clientAs, exact } from "./Client.js"

/** The figures of hand-made rows of bot 1, for tests. */

export const days = Effect.fnUntraced(function* (start: string, end: string, tz?: string) {
  const { analytics } = yield* clientAs(OWNER)
  const urlParams = {
    bot_id: BotId.make(1),
    start_date: CalendarDate.make(start),
    end_date: CalendarDate.make(end),
    ...(tz === undefined ? {} : { tz: DateTime.zoneUnsafeMakeNamed(tz) })
  }
  const list: ReadonlyArray<DayFigures> = yield* exact(analytics.getAnalytics({ urlParams, withResponse: true }))
  return list
})

/** What these rows count as in January 2024, all days together, having compared each day with the oracle's. */
export const january = Effect.fnUntraced(function* (rows: Partial<BotData>) {
  yield* fill(exampleOf(rows))
  const list = yield* days("2024-01-01", "2024-01-31")
  assert.deepStrictEqual(list, analytics(exampleOf(rows), 1, "2024-01-01", "2024-01-31", "UTC"))
  const sum = (figure: Exclude<keyof DayFigures, "date">) => list.reduce((total, day) => total + day[figure], 0)
  return { payments: sum("payments"), keys: sum("keys"), renewals: sum("renewals"), trials: sum("trials") }
})
