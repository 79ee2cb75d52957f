import { assert, describe, it } from "@effect/vitest"
import * as FC from "effect/FastCheck"
import { runs } from "../../src/testing/Properties.js"
import { dayIndex, dayStarts, endOfDay, listDays, parseDay, startOfDay } from "./Days.js"
import { places } from "./Places.js"

const at = (instant: number): string => new Date(instant).toISOString().replace(".000Z", "Z")
const start = (date: string, tz: string): string => at(startOfDay(date, tz))
const hours = (date: string, tz: string): number => (endOfDay(date, tz) - startOfDay(date, tz)) / 3_600_000

const localDate = (instant: number, tz: string): string =>
  new Intl.DateTimeFormat("en-CA", { timeZone: tz, year: "numeric", month: "2-digit", day: "2-digit" }).format(instant)

describe("a day runs from its first instant to the first instant of the next", () => {
  it("is 24 hours from midnight in UTC and at fixed offsets", () => {
    assert.strictEqual(start("2024-02-29", "UTC"), "2024-02-29T00:00:00Z")
    assert.strictEqual(start("2024-03-01", "Asia/Kathmandu"), "2024-02-29T18:15:00Z")
    assert.strictEqual(start("2024-03-01", "Pacific/Kiritimati"), "2024-02-29T10:00:00Z")
    assert.strictEqual(start("2024-03-01", "Etc/GMT+12"), "2024-03-01T12:00:00Z")
    assert.strictEqual(hours("2024-03-01", "Asia/Kathmandu"), 24)
  })

  it("is 23 or 25 hours, or a half or two off, where clocks change", () => {
    assert.strictEqual(start("2024-03-10", "America/New_York"), "2024-03-10T05:00:00Z")
    assert.strictEqual(hours("2024-03-10", "America/New_York"), 23)
    assert.strictEqual(hours("2024-11-03", "America/New_York"), 25)
    assert.strictEqual(start("2023-10-29", "Europe/Kiev"), "2023-10-28T21:00:00Z")
    assert.strictEqual(hours("2023-10-29", "Europe/Kiev"), 25)
    assert.strictEqual(hours("2024-04-07", "Australia/Lord_Howe"), 24.5)
    assert.strictEqual(hours("2024-10-06", "Australia/Lord_Howe"), 23.5)
    assert.strictEqual(hours("2024-03-31", "Antarctica/Troll"), 22)
    assert.strictEqual(hours("2024-10-27", "Antarctica/Troll"), 26)
    assert.strictEqual(hours("2024-03-10", "Africa/Casablanca"), 25)
    assert.strictEqual(hours("2024-04-14", "Africa/Casablanca"), 23)
  })

  it("does not always begin at 00:00", () => {
    // America/Sao_Paulo went from 2018-11-03 23:59:59 -03 to 2018-11-04 01:00:00 -02.
    assert.strictEqual(start("2018-11-04", "America/Sao_Paulo"), "2018-11-04T03:00:00Z")
    assert.strictEqual(hours("2018-11-04", "America/Sao_Paulo"), 23)
    // 2018-02-17 has its last hour twice.
    assert.strictEqual(hours("2018-02-17", "America/Sao_Paulo"), 25)
    assert.strictEqual(start("2018-02-18", "America/Sao_Paulo"), "2018-02-18T03:00:00Z")
  })

  it("begins at the first of two midnights", () => {
    // America/St_Johns: 2006-10-29 00:00:59 -02:30 was followed by 2006-10-28 23:01:00 -03:30.
    assert.strictEqual(start("2006-10-29", "America/St_Johns"), "2006-10-29T02:30:00Z")
    assert.strictEqual(start("2006-10-30", "America/St_Johns"), "2006-10-30T03:30:00Z")
    assert.strictEqual(hours("2006-10-28", "America/St_Johns"), 24)
    assert.strictEqual(hours("2006-10-29", "America/St_Johns"), 25)
    const starts = dayStarts("2006-10-28", "2006-10-29", "America/St_Johns")
    const again = Date.parse("2006-10-29T02:31:00Z")
    assert.strictEqual(localDate(again, "America/St_Johns"), "2006-10-28")
    assert.strictEqual(dayIndex(starts, again), 1)
  })

  it("has no length where the zone skipped it", () => {
    const starts = dayStarts("2011-12-29", "2011-12-31", "Pacific/Apia")
    assert.deepStrictEqual(starts.map(at), [
      "2011-12-29T10:00:00Z",
      "2011-12-30T10:00:00Z",
      "2011-12-30T10:00:00Z",
      "2011-12-31T10:00:00Z"
    ])
    assert.strictEqual(dayIndex(starts, Date.parse("2011-12-30T09:59:59Z")), 0)
    assert.strictEqual(dayIndex(starts, Date.parse("2011-12-30T10:00:00Z")), 2)
    assert.strictEqual(start("2011-12-30", "Pacific/Apia"), "2011-12-30T10:00:00Z")
  })

  it("knows offsets with seconds", () => {
    // Africa/Monrovia: -00:44:30 until 1972-01-07 00:00 local time, when clocks went to 00:44:30 UTC.
    assert.strictEqual(start("1972-01-06", "Africa/Monrovia"), "1972-01-06T00:44:30Z")
    assert.strictEqual(start("1972-01-07", "Africa/Monrovia"), "1972-01-07T00:44:30Z")
    assert.strictEqual(start("1972-01-08", "Africa/Monrovia"), "1972-01-08T00:00:00Z")
  })

  it("reaches to both ends of the calendar", () => {
    assert.strictEqual(start("0001-01-01", "UTC"), "0001-01-01T00:00:00Z")
    assert.strictEqual(endOfDay("9999-12-31", "UTC"), Date.UTC(10000, 0, 1))
    assert.strictEqual(hours("0001-01-01", "America/New_York"), 24)
  })
})

describe("days of a range", () => {
  it("are listed from first to last, both included", () => {
    assert.deepStrictEqual(listDays("2024-02-28", "2024-03-01"), ["2024-02-28", "2024-02-29", "2024-03-01"])
    assert.deepStrictEqual(listDays("2011-12-30", "2011-12-30"), ["2011-12-30"])
    assert.strictEqual(listDays("2023-01-01", "2024-12-31").length, 731)
  })

  it("are real calendar days", () => {
    for (const text of ["2023-02-29", "2024-13-01", "2024-1-1", "2024-01-01T00", "", "24-01-01"]) {
      assert.throws(() => parseDay(text))
    }
  })

  it("hold the instants from their first to before the next", () => {
    const starts = dayStarts("2024-01-01", "2024-01-02", "UTC")
    const index = (text: string) => dayIndex(starts, Date.parse(text))
    assert.deepStrictEqual(
      ["2023-12-31T23:59:59Z", "2024-01-01T00:00:00Z", "2024-01-01T23:59:59.999Z", "2024-01-02T00:00:00Z"].map(index),
      [-1, 0, 0, 1]
    )
    assert.deepStrictEqual(["2024-01-02T23:59:59Z", "2024-01-03T00:00:00Z"].map(index), [1, -1])
  })
})

const zones = [...places.map(({ tz }) => tz), "Africa/Monrovia", "Europe/Dublin", "Asia/Tehran", "America/Nuuk"]

describe("laws", () => {
  const anyDay = FC.integer({ min: Date.UTC(1970, 0, 2) / 86_400_000, max: Date.UTC(2037, 0, 1) / 86_400_000 }).map(
    (n) => new Date(n * 86_400_000).toISOString().slice(0, 10)
  )

  it.prop(
    "each day ends where the next begins, in whatever range it is computed",
    [FC.constantFrom(...zones), anyDay, FC.integer({ min: 1, max: 20 })],
    ([tz, first, length]) => {
      const last = new Date(parseDay(first) + (length - 1) * 86_400_000).toISOString().slice(0, 10)
      const starts = dayStarts(first, last, tz)
      const alone = listDays(first, last).map((date) => [startOfDay(date, tz), endOfDay(date, tz)])
      assert.strictEqual(starts.length, length + 1)
      assert.deepStrictEqual(
        alone,
        starts.slice(0, -1).map((from, i) => [from, starts[i + 1]])
      )
    },
    runs(100)
  )

  it("a day's first second has its date, and the second before it an earlier one", () => {
    const check = (tz: string, date: string) => {
      const from = startOfDay(date, tz)
      if (endOfDay(date, tz) > from) assert.strictEqual(localDate(from, tz), date)
      assert.isBelow(parseDay(localDate(from - 1000, tz)), parseDay(date))
    }
    for (const { tz, startDate, endDate } of places) for (const date of listDays(startDate, endDate)) check(tz, date)
    FC.assert(FC.property(FC.constantFrom(...zones), anyDay, check), runs(200).fastCheck)
  })

  it("no earlier second has the date: all minutes of the days before, around every change of the places", () => {
    for (const { tz, startDate, endDate } of places) {
      const format = new Intl.DateTimeFormat("en-CA", {
        timeZone: tz,
        year: "numeric",
        month: "2-digit",
        day: "2-digit"
      })
      const starts = dayStarts(startDate, endDate, tz)
      const days = listDays(startDate, endDate)
      const seen = new Set<string>()
      for (let t = (starts[0] ?? 0) - 3_600_000; t < (starts.at(-1) ?? 0); t += 60_000) {
        const date = format.format(t)
        if (seen.has(date)) continue
        seen.add(date)
        if (days.includes(date)) assert.strictEqual(t, starts[days.indexOf(date)], `${tz} ${date}`)
      }
    }
  })
})
