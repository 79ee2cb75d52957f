import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { analytics } from "../../tools/oracle/Analytics.js"
import { scenario } from "../../tools/oracle/RandomRows.js"
import { botTables, fill, ownerOf } from "../testing/Bots.js"
import { getAs } from "../testing/Client.js"
import { runs } from "../testing/Properties.js"
import { testService } from "../testing/Service.js"

for (const [name, metaType] of [
  ["meta is JSON", "JSON"],
  ["meta is TEXT, with what is no JSON", "TEXT"]
] as const) {
  layer(testService({ prepare: botTables({ metaType }) }), { excludeTestServices: true })(
    `analytics of random rows, where ${name}`,
    (it) => {
      it.effect.prop(
        "is what the oracle says",
        [scenario({ textMeta: metaType === "TEXT", maxRows: 24 })],
        ([{ botId, data, endDate, startDate, tz }]) =>
          Effect.gen(function* () {
            yield* fill(data)
            const parameters = { bot_id: botId, start_date: startDate, end_date: endDate, tz }
            const { json, status, text } = yield* getAs(ownerOf(data, botId), "/api/analytics", parameters)
            assert.strictEqual(status, 200, text)
            assert.deepStrictEqual(json, analytics(data, botId, startDate, endDate, tz))
          }),
        runs(80)
      )
    }
  )
}
