import { assert, describe, it } from "@effect/vitest"
import * as DateTime from "effect/DateTime"
import { dayStarts, listDays } from "../../tools/oracle/Days.js"
import { places } from "../../tools/oracle/Places.js"
import { type CalendarDate, days, endOf, runs, startOf } from "./Calendar.js"

const date = (text: string) => text as CalendarDate
const zone = (name: string) => DateTime.zoneUnsafeMakeNamed(name)

const ranges = [
  ...places.map(({ endDate, startDate, tz }) => [tz, startDate, endDate] as const),
  ["America/New_York", "2024-01-01", "2025-12-31"],
  ["Africa/Casablanca", "2023-12-31", "2024-12-31"],
  ["Australia/Lord_Howe", "2024-12-31", "2025-01-01"],
  ["Europe/London", "1968-01-01", "1971-12-31"],
  // Local mean time, with seconds in its offset, and the change from it.
  ["Europe/Moscow", "1916-06-25", "1916-07-10"],
  ["Asia/Manila", "1844-12-29", "1845-01-02"],
  ["UTC", "0001-01-01", "0001-12-31"],
  ["America/New_York", "9999-12-01", "9999-12-31"]
] as const

describe("days", () => {
  for (const [tz, start, end] of ranges) {
    it(`${tz}, ${start} to ${end}`, () => {
      const range = days(zone(tz), date(start), date(end))
      assert.deepStrictEqual<ReadonlyArray<string>>(range.dates, listDays(start, end))
      assert.deepStrictEqual(range.starts, dayStarts(start, end, tz))
      assert.strictEqual(startOf(zone(tz), date(start)), range.starts[0])
      assert.strictEqual(endOf(zone(tz), date(end)), range.starts[range.starts.length - 1])
    })
  }
})

describe("runs", () => {
  it("put each day's first and last instant into that day", () => {
    for (const [tz, start, end] of ranges.filter(([, first]) => first < "9999")) {
      const range = days(zone(tz), date(start), date(end))
      const parts = runs(range)
      const dayOf = (instant: number) => {
        const run = parts.find(({ from, to }) => from <= instant && instant < to)
        return run === undefined
          ? undefined
          : run.day + (run.regular ? Math.floor((instant - run.from) / 86_400_000) : 0)
      }
      range.dates.forEach((_, day) => {
        const [from = 0, to = 0] = range.starts.slice(day, day + 2)
        if (from === to) return
        assert.deepStrictEqual([dayOf(from), dayOf(to - 1000)], [day, day])
      })
    }
  })
})
