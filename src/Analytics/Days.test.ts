import { assert, beforeAll, describe, it } from "@effect/vitest"
import type { DayFigures } from "../../tools/oracle/Analytics.js"
import { user } from "../../tools/oracle/Example.js"
import { OWNER } from "../testing/Bots.js"
import { figuresOfExamples } from "../testing/Figures.js"

const { days, fill, get } = figuresOfExamples()

describe("days", () => {
  const each = (times: ReadonlyArray<string>) => ({
    users: times.map((at, uid) => user({ uid: uid + 1, reg_date: new Date(at) }))
  })
  const registrations = (list: ReadonlyArray<DayFigures>) => list.map((day) => day.registrations)

  it("a day that a zone skipped is listed with zeros", async () => {
    await fill(each(["2011-12-30T09:59:59Z", "2011-12-30T10:00:00Z"]))
    const list = await days("2011-12-29", "2011-12-31", "Pacific/Apia")
    assert.deepStrictEqual(
      list.map(({ date }) => date),
      ["2011-12-29", "2011-12-30", "2011-12-31"]
    )
    assert.deepStrictEqual(registrations(list), [1, 0, 1])
    assert.deepStrictEqual(registrations(await days("2011-12-30", "2011-12-30", "Pacific/Apia")), [0])
  })

  it("where midnight comes twice, the day begins with the first", async () => {
    // St John's, 29 October 2006: at 00:01 clocks went back to 23:01 of the day before.
    await fill(each(["2006-10-29T02:29:59Z", "2006-10-29T02:30:00Z", "2006-10-29T02:31:30Z"]))
    assert.deepStrictEqual(registrations(await days("2006-10-28", "2006-10-29", "America/St_Johns")), [1, 2])
  })

  it("years before 1000 are counted on their days, in each zone", async () => {
    await fill(each(["0000-06-01T00:00:00Z", "0001-01-01T00:00:00Z", "0999-12-31T23:59:59Z", "1000-01-01T00:00:00Z"]))
    for (const [start, end, tz, expected] of [
      ["0001-01-01", "0001-01-01", "UTC", [1]],
      ["0000-12-31", "0001-01-01", "UTC", [0, 1]],
      ["0000-12-31", "0001-01-01", "America/New_York", [1, 0]],
      ["0001-01-01", "0001-01-02", "Asia/Tokyo", [1, 0]],
      ["0000-06-01", "0000-06-02", "UTC", [1, 0]],
      ["0999-12-31", "1000-01-01", "UTC", [1, 1]],
      ["0999-12-31", "1000-01-01", "Europe/Moscow", [0, 2]]
    ] as const) {
      assert.deepStrictEqual(registrations(await days(start, end, tz)), [...expected], `${start} ${tz}`)
    }
  })

  it("at the ends of the calendar there are zeros", async () => {
    await fill({})
    for (const date of ["0000-01-01", "0001-01-01", "0999-12-31", "1000-01-01", "9999-12-31"]) {
      for (const tz of ["UTC", "Pacific/Kiritimati", "America/New_York"]) {
        const list = await days(date, date, tz)
        assert.deepStrictEqual(list, [{ date, registrations: 0, payments: 0, trials: 0, keys: 0, renewals: 0 }])
      }
    }
  })

  it("rows at the first and the last second of DATETIME are in their days", async () => {
    await fill(each(["1000-01-01T00:00:00Z", "1000-01-02T00:00:00Z", "9999-12-31T23:59:59Z"]))
    assert.deepStrictEqual(registrations(await days("0999-12-30", "1000-01-03")), [0, 0, 1, 1, 0])
    assert.deepStrictEqual(registrations(await days("9999-12-30", "9999-12-31")), [0, 1])
  })
})

describe("the range", () => {
  beforeAll(() => fill({}))
  const status = async (start_date: string, end_date: string) =>
    (await get("/api/analytics", { bot_id: 1, start_date, end_date }, OWNER)).status

  it("is at most 731 days", async () => {
    assert.strictEqual((await days("2024-01-01", "2025-12-31")).length, 731)
    assert.strictEqual(await status("2024-01-01", "2026-01-01"), 400)
    assert.strictEqual(await status("2023-01-01", "2025-01-01"), 400)
  })

  it("does not end before it starts", async () => {
    assert.strictEqual(await status("2024-01-02", "2024-01-01"), 400)
    assert.strictEqual(await status("2024-01-02", "2024-01-02"), 200)
  })
})
