import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { demoDataSet } from "../../tools/demo/DataSet.js"
import { analytics, type DayFigures } from "../../tools/oracle/Analytics.js"
import { botTables, fill, ownerOf } from "../testing/Bots.js"
import { getAs } from "../testing/Client.js"
import { testService } from "../testing/Service.js"

// 18 months up to here: both clock changes of two years lie within.
const data = demoDataSet({ now: new Date("2026-04-20T10:00:00Z"), scale: 0.05 })
const [START, END] = ["2024-10-01", "2026-04-30"]
const ZONES = ["UTC", "Europe/Moscow", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"]

/** By a plain request: the client would write a zone's alias as its canonical name. */
const days = Effect.fnUntraced(function* (botId: number, start_date: string, end_date: string, tz: string) {
  const parameters = { bot_id: botId, start_date, end_date, tz }
  const { json, status, text } = yield* getAs(ownerOf(data, botId), "/api/analytics", parameters)
  assert.strictEqual(status, 200, text)
  const list: ReadonlyArray<DayFigures> = json
  return list
})

const filled = testService({ prepare: botTables() }).pipe(Layer.tap((running) => Effect.provide(fill(data), running)))

layer(filled, { excludeTestServices: true })("analytics", (it) => {
  describe("analytics of the demo's bots over their whole history", () => {
    it.effect.each(ZONES)("equals the oracle in %s", (tz) =>
      Effect.gen(function* () {
        for (const { uid } of data.bots) {
          assert.deepStrictEqual(yield* days(uid, START, END, tz), analytics(data, uid, START, END, tz))
        }
      })
    )
  })

  describe("days add up to the range", () => {
    it.effect.each(["America/New_York", "Australia/Lord_Howe"])(
      "wherever a range is split, its days stay what they are, in %s",
      (tz) =>
        Effect.gen(function* () {
          const [start, end] =
            tz === "Australia/Lord_Howe" ? ["2025-09-28", "2025-10-12"] : ["2025-10-26", "2025-11-09"]
          const whole = yield* days(1, start, end, tz)
          assert.isAbove(
            whole.reduce((sum, day) => sum + day.payments, 0),
            20
          )
          for (let split = 1; split < whole.length; split++) {
            const [last, first] = [whole[split - 1]?.date ?? "", whole[split]?.date ?? ""]
            const parts = [...(yield* days(1, start, last, tz)), ...(yield* days(1, first, end, tz))]
            assert.deepStrictEqual(parts, whole)
          }
        })
    )

    it.effect("each day alone is what it is in the range", () =>
      Effect.gen(function* () {
        const whole = yield* days(2, "2026-03-01", "2026-03-14", "America/New_York")
        for (const day of whole) {
          assert.deepStrictEqual(yield* days(2, day.date, day.date, "America/New_York"), [day])
        }
      })
    )
  })
})
