import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { createBotTables, loadRows } from "../../tools/bots/Load.js"
import type { SubscriptionRow } from "../../tools/bots/Rows.js"
import { BOT, DATA, OWNER } from "../testing/BotRows.js"
import { TestService, testService } from "../testing/Service.js"

/**
 * A prepared statement of MySQL keeps the type of the parameter that it was first run with: run with a number, it finds
 * wrong rows for texts ever after. So each of our placeholders has one type, whatever comes.
 */

const STATUSES = ["0", "00", "0abc", "abc", "1e0", "1"]

const subscriptions = STATUSES.map(
  (status, position): SubscriptionRow => ({
    uid: position + 1,
    sub_uid: `s-${position}`,
    sub_url: null,
    user_id: position,
    bot_id: BOT,
    status,
    start_date: null,
    stop_date: null,
    meta: null,
    keys: null
  })
)

const ServiceLive = testService({
  settings: { poolSize: 1 },
  prepare: async ({ connection }) => {
    await createBotTables(connection)
    await loadRows(connection, { ...DATA, subscriptions })
  }
})

layer(ServiceLive, { excludeTestServices: true })((it) => {
  it.effect("on one connection, texts that look like numbers find their rows and no others", () =>
    Effect.gen(function* () {
      const service = yield* TestService
      const found = async (query: string) => {
        const { json, status } = await service.get(`/api/subscriptions?bot_id=${query}`, OWNER)
        return status === 200 ? json.subscriptions.map((row: { status: string }) => row.status) : status
      }
      yield* Effect.promise(async () => {
        for (const status of [...STATUSES, ...STATUSES.toReversed()]) {
          assert.deepStrictEqual(await found(`${BOT}&status=${status}`), [status])
          assert.lengthOf(await found(`${BOT}&page=1&limit=3`), 3)
          assert.deepStrictEqual(await found(`${BOT}&page=2&limit=5`), ["0"])
          assert.strictEqual(await found(`${2 ** 53 - 1}&status=${status}`), 403)
          assert.strictEqual(await found("9"), 403)
        }
      })
    })
  )
})
