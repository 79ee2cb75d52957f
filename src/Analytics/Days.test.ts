import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { DayFigures } from "../../tools/oracle/Analytics.js"
import { user } from "../../tools/oracle/Example.js"
import { botTables, exampleOf, fill, OWNER } from "../testing/Bots.js"
import { getAs, statusOf } from "../testing/Client.js"
import { days } from "../testing/Figures.js"
import { testService } from "../testing/Service.js"

const each = (times: ReadonlyArray<string>) =>
  exampleOf({ users: times.map((at, uid) => user({ uid: uid + 1, reg_date: new Date(at) })) })
const registrations = (list: ReadonlyArray<DayFigures>) => list.map((day) => day.registrations)

layer(testService({ prepare: botTables() }), { excludeTestServices: true })("analytics", (it) => {
  describe("days", () => {
    it.effect("a day that a zone skipped is listed with zeros", () =>
      Effect.gen(function* () {
        yield* fill(each(["2011-12-30T09:59:59Z", "2011-12-30T10:00:00Z"]))
        const list = yield* days("2011-12-29", "2011-12-31", "Pacific/Apia")
        assert.deepStrictEqual(
          list.map(({ date }) => date),
          ["2011-12-29", "2011-12-30", "2011-12-31"]
        )
        assert.deepStrictEqual(registrations(list), [1, 0, 1])
        assert.deepStrictEqual(registrations(yield* days("2011-12-30", "2011-12-30", "Pacific/Apia")), [0])
      })
    )

    it.effect("where midnight comes twice, the day begins with the first", () =>
      Effect.gen(function* () {
        // St John's, 29 October 2006: at 00:01 clocks went back to 23:01 of the day before.
        yield* fill(each(["2006-10-29T02:29:59Z", "2006-10-29T02:30:00Z", "2006-10-29T02:31:30Z"]))
        assert.deepStrictEqual(registrations(yield* days("2006-10-28", "2006-10-29", "America/St_Johns")), [1, 2])
      })
    )

    it.effect("at the ends of the calendar there are zeros", () =>
      Effect.gen(function* () {
        yield* fill(exampleOf({}))
        for (const date of ["0000-01-01", "0001-01-01", "0999-12-31", "1000-01-01", "9999-12-31"]) {
          for (const tz of ["UTC", "Pacific/Kiritimati", "America/New_York"]) {
            const list = yield* days(date, date, tz)
            assert.deepStrictEqual(list, [{ date, registrations: 0, payments: 0, trials: 0, keys: 0, renewals: 0 }])
          }
        }
      })
    )

    it.effect("rows at the first and the last second of DATETIME are in their days", () =>
      Effect.gen(function* () {
        yield* fill(each(["1000-01-01T00:00:00Z", "1000-01-02T00:00:00Z", "9999-12-31T23:59:59Z"]))
        assert.deepStrictEqual(registrations(yield* days("0999-12-30", "1000-01-03")), [0, 0, 1, 1, 0])
        assert.deepStrictEqual(registrations(yield* days("9999-12-30", "9999-12-31")), [0, 1])
      })
    )
  })

  describe("the range", () => {
    const statusFor = (start_date: string, end_date: string) =>
      statusOf(getAs(OWNER, "/api/analytics", { bot_id: 1, start_date, end_date }))

    it.effect("is at most 731 days", () =>
      Effect.gen(function* () {
        yield* fill(exampleOf({}))
        assert.strictEqual((yield* days("2024-01-01", "2025-12-31")).length, 731)
        assert.strictEqual(yield* statusFor("2024-01-01", "2026-01-01"), 400)
        assert.strictEqual(yield* statusFor("2023-01-01", "2025-01-01"), 400)
      })
    )

    it.effect("does not end before it starts", () =>
      Effect.gen(function* () {
        yield* fill(exampleOf({}))
        assert.strictEqual(yield* statusFor("2024-01-02", "2024-01-01"), 400)
        assert.strictEqual(yield* statusFor("2024-01-02", "2024-01-02"), 200)
      })
    )
  })
})
