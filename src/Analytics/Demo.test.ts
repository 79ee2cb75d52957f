import { assert, beforeAll, describe, it } from "@effect/vitest"
import { demoDataSet } from "../../tools/demo/DataSet.js"
import { analytics, type DayFigures } from "../../tools/oracle/Analytics.js"
import { ownerOf, serviceOverBots } from "../testing/Bots.js"

// 18 months up to here: both clock changes of two years lie within.
const data = demoDataSet({ now: new Date("2026-04-20T10:00:00Z"), scale: 0.05 })
const [START, END] = ["2024-10-01", "2026-04-30"]
const ZONES = ["UTC", "Europe/Moscow", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"]

const { fill, get } = serviceOverBots()
beforeAll(() => fill(data))

const days = async (botId: number, start_date: string, end_date: string, tz: string) => {
  const answer = await get("/api/analytics", { bot_id: botId, start_date, end_date, tz }, ownerOf(data, botId))
  assert.strictEqual(answer.status, 200, answer.text)
  return answer.json as ReadonlyArray<DayFigures>
}

describe("analytics of the demo's bots over their whole history", () => {
  for (const tz of ZONES) {
    it(`equals the oracle in ${tz}`, async () => {
      for (const { uid } of data.bots) {
        assert.deepStrictEqual(await days(uid, START, END, tz), analytics(data, uid, START, END, tz))
      }
    })
  }
})

describe("days add up to the range", () => {
  for (const tz of ["America/New_York", "Australia/Lord_Howe"]) {
    it(`wherever a range is split, its days stay what they are, in ${tz}`, async () => {
      const [start, end] = tz === "Australia/Lord_Howe" ? ["2025-09-28", "2025-10-12"] : ["2025-10-26", "2025-11-09"]
      const whole = await days(1, start, end, tz)
      assert.isAbove(
        whole.reduce((sum, day) => sum + day.payments, 0),
        20
      )
      for (let split = 1; split < whole.length; split++) {
        const [last, first] = [whole[split - 1]?.date ?? "", whole[split]?.date ?? ""]
        const parts = [...(await days(1, start, last, tz)), ...(await days(1, first, end, tz))]
        assert.deepStrictEqual(parts, whole)
      }
    })
  }

  it("each day alone is what it is in the range", async () => {
    const whole = await days(2, "2026-03-01", "2026-03-14", "America/New_York")
    for (const day of whole) assert.deepStrictEqual(await days(2, day.date, day.date, "America/New_York"), [day])
  })
})
