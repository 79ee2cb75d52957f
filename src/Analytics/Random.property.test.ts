import { assert, describe, it } from "@effect/vitest"
import { analytics } from "../../tools/oracle/Analytics.js"
import { type Scenario, scenario } from "../../tools/oracle/RandomRows.js"
import { type BotsOptions, forAll, ownerOf, serviceOverBots } from "../testing/Bots.js"

const equalsOracle =
  ({ fill, get }: ReturnType<typeof serviceOverBots>) =>
  async ({ botId, data, endDate, startDate, tz }: Scenario) => {
    await fill(data)
    const parameters = { bot_id: botId, start_date: startDate, end_date: endDate, tz }
    const answer = await get("/api/analytics", parameters, ownerOf(data, botId))
    assert.strictEqual(answer.status, 200, answer.text)
    assert.deepStrictEqual(answer.json, analytics(data, botId, startDate, endDate, tz))
  }

const databases: ReadonlyArray<readonly [string, BotsOptions]> = [
  ["meta is JSON", { metaType: "JSON" }],
  ["meta is TEXT, with what is no JSON", { metaType: "TEXT" }]
]

for (const [name, options] of databases) {
  describe(`analytics of random rows, where ${name}`, () => {
    const service = serviceOverBots(options)
    it("is what the oracle says", () =>
      forAll(scenario({ textMeta: options.metaType === "TEXT", maxRows: 24 }), 80, equalsOracle(service)))
  })
}
