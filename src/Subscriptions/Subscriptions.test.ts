import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FC from "effect/FastCheck"
import type { SubscriptionRow } from "../../tools/bots/Rows.js"
import { subscriptionList } from "../../tools/oracle/Lists.js"
import { scenario } from "../../tools/oracle/RandomRows.js"
import { botTables, fill, ownerOf, wireJson, wireTime } from "../testing/Bots.js"
import { getAs } from "../testing/Client.js"
import { assertBounds, assertPages, pageOf } from "../testing/Pages.js"
import { runs } from "../testing/Properties.js"
import { testService } from "../testing/Service.js"

const SUBSCRIPTIONS = { path: "/api/subscriptions", rows: "subscriptions", key: "uid" }

const wireSubscription = (row: SubscriptionRow) => ({
  ...row,
  start_date: wireTime(row.start_date),
  stop_date: wireTime(row.stop_date),
  meta: wireJson(row.meta),
  keys: wireJson(row.keys)
})

const asked = FC.constantFrom(
  "Active",
  "active",
  " ACTIVE",
  "\tactive\n",
  "Expired",
  "notified",
  "Áctive",
  "nothing",
  "%"
)

for (const metaType of ["JSON", "TEXT"] as const) {
  const random = (maxRows: number) => scenario({ textMeta: metaType === "TEXT", maxRows })

  layer(testService({ prepare: botTables({ metaType }) }), { excludeTestServices: true })(
    `subscriptions, where meta and keys are ${metaType}`,
    (it) => {
      it.effect.prop(
        "come in the contract's order, each once, whatever the size of the pages",
        [random(9)],
        ([{ botId, data }]) =>
          Effect.gen(function* () {
            yield* fill(data)
            const expected = subscriptionList(data, botId)
            for (const limit of [...expected.keys(), expected.length, 1000].filter((size) => size > 0)) {
              yield* assertPages(SUBSCRIPTIONS, { bot_id: botId }, ownerOf(data, botId), expected, limit)
            }
          }),
        runs(20)
      )

      it.effect.prop(
        "of a status are found in any case, with any blanks; of an unknown one there are none",
        [random(30), asked],
        ([{ botId, data }, status]) =>
          Effect.gen(function* () {
            yield* fill(data)
            const expected = subscriptionList(data, botId, status)
            yield* assertPages(SUBSCRIPTIONS, { bot_id: botId, status }, ownerOf(data, botId), expected, 4)
          }),
        runs(60)
      )

      it.effect.prop(
        "have every value of their row",
        [random(30)],
        ([{ botId, data }]) =>
          Effect.gen(function* () {
            yield* fill(data)
            const rows = new Map(data.subscriptions.map((row) => [row.uid, wireSubscription(row)]))
            const expected = subscriptionList(data, botId).map((uid) => rows.get(uid))
            const page = yield* pageOf(SUBSCRIPTIONS, { bot_id: botId }, ownerOf(data, botId), expected.length)
            assert.deepStrictEqual<unknown>(page.rows, expected)
          }),
        runs(30)
      )

      it.effect.prop(
        "have bounds to pages and limits; an empty status is refused",
        [scenario()],
        ([{ botId, data }]) =>
          Effect.gen(function* () {
            yield* fill(data)
            const owner = ownerOf(data, botId)
            yield* assertBounds(SUBSCRIPTIONS, botId, owner)
            const { status } = yield* getAs(owner, SUBSCRIPTIONS.path, { bot_id: botId, status: "" })
            assert.strictEqual(status, 400)
          }),
        runs(1)
      )
    }
  )
}
