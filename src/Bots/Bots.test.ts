import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { scenario } from "../../tools/oracle/RandomRows.js"
import { userIds } from "../../tools/oracle/RandomValues.js"
import { BotId } from "../Domain/Ids.js"
import { botTables, fill, wireJson } from "../testing/Bots.js"
import { clientAs, exact, query } from "../testing/Client.js"
import { runs } from "../testing/Properties.js"
import { testService } from "../testing/Service.js"

layer(testService({ prepare: botTables() }), { excludeTestServices: true })("bots", (it) => {
  it.effect.prop(
    "are the admin's own, by uid, with every value of their row",
    [scenario({ maxRows: 1 })],
    ([{ data }]) =>
      Effect.gen(function* () {
        yield* fill(data)
        for (const admin of userIds) {
          const expected = data.bots
            .filter((row) => row.admin_id === admin)
            .sort((a, b) => a.uid - b.uid)
            .map((row) => ({
              ...row,
              ref_percent: Number(row.ref_percent),
              balance: Number(row.balance),
              meta: wireJson(row.meta)
            }))
          const { bots } = yield* clientAs(admin)
          assert.deepStrictEqual<unknown>(yield* exact(bots.listBots({ withResponse: true })), expected)
        }
      }),
    runs(40)
  )

  it.effect("count from the next request on, for each of their routes", () =>
    Effect.gen(function* () {
      yield* query("DELETE FROM bots")
      const { bots, summary, users } = yield* clientAs(42)
      const bot_id = BotId.make(7)
      const listUsers = users.listUsers({ urlParams: { bot_id, limit: 100 } })
      assert.strictEqual((yield* Effect.flip(listUsers))._tag, "AccessDenied")
      yield* query("INSERT INTO bots (uid, bot_id, admin_id) VALUES (7, 7214036581, 42)")
      assert.strictEqual((yield* listUsers).total, 0)
      assert.strictEqual((yield* summary.getSummary({ path: { bot_id }, urlParams: {} })).total_users, 0)
      const [bot] = yield* exact(bots.listBots({ withResponse: true }))
      const defaults = { username: null, ref_percent: 0, balance: 0, status: "ACTIVE", meta: null }
      assert.deepStrictEqual<unknown>(bot, { uid: 7, bot_id: 7214036581, admin_id: 42, ...defaults })
    })
  )
})
