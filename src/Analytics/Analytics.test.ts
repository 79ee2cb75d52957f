import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect, ManagedRuntime } from "effect"
import { TestService, testService } from "../testing/Service.js"
import { createBotTables, loadRows } from "../../tools/bots/Load.js"
import { demoDataSet, DEMO_OWNER } from "../../tools/demo/DataSet.js"
import { analytics } from "../../tools/oracle/Analytics.js"

const now = new Date()
const data = demoDataSet({ now, scale: 0.1 })
const runtime = ManagedRuntime.make(
  testService({
    prepare: async ({ connection }) => {
      await createBotTables(connection)
      await loadRows(connection, data)
    }
  })
)
let service: typeof TestService.Service
beforeAll(async () => {
  service = await runtime.runPromise(TestService)
})
afterAll(() => runtime.dispose())

describe("analytics", () => {
  it("equals the oracle on the demo data", async () => {
    for (const tz of ["UTC", "Europe/Moscow", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"]) {
      for (const bot of data.bots) {
        const [start, end] = ["2025-01-01", "2026-12-01"]
        const answer = await service.get(`/api/analytics?bot_id=${bot.uid}&start_date=${start}&end_date=${end}&tz=${tz}`, bot.admin_id)
        assert.strictEqual(answer.status, 200, answer.text)
        assert.deepStrictEqual(answer.json, analytics(data, bot.uid, start, end, tz))
      }
    }
  })
})
