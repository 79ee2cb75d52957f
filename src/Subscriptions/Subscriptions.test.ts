import { assert, describe, it } from "@effect/vitest"
import * as FC from "effect/FastCheck"
import type { SubscriptionRow } from "../../tools/bots/Rows.js"
import { subscriptionList } from "../../tools/oracle/Lists.js"
import { scenario } from "../../tools/oracle/RandomRows.js"
import { forAll, ownerOf, serviceOverBots, wireJson, wireTime } from "../testing/Bots.js"
import { assertBounds, assertPages, pageOf } from "../testing/Pages.js"

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
  describe(`subscriptions, where meta and keys are ${metaType}`, () => {
    const { fill, get } = serviceOverBots({ metaType })
    const random = (maxRows: number) => scenario({ textMeta: metaType === "TEXT", maxRows })

    it("come in the contract's order, each once, whatever the size of the pages", () =>
      forAll(random(9), 20, async ({ botId, data }) => {
        await fill(data)
        const expected = subscriptionList(data, botId)
        for (const limit of [...expected.keys(), expected.length, 1000].filter((size) => size > 0)) {
          await assertPages(get, SUBSCRIPTIONS, { bot_id: botId }, ownerOf(data, botId), expected, limit)
        }
      }))

    it("of a status are found in any case, with any blanks; of an unknown one there are none", () =>
      forAll(FC.tuple(random(30), asked), 60, async ([{ botId, data }, status]) => {
        await fill(data)
        const expected = subscriptionList(data, botId, status)
        await assertPages(get, SUBSCRIPTIONS, { bot_id: botId, status }, ownerOf(data, botId), expected, 4)
      }))

    it("have every value of their row", () =>
      forAll(random(30), 30, async ({ botId, data }) => {
        await fill(data)
        const rows = new Map(data.subscriptions.map((row) => [row.uid, wireSubscription(row)]))
        const expected = subscriptionList(data, botId).map((uid) => rows.get(uid))
        const { rows: found } = await pageOf(
          get,
          SUBSCRIPTIONS,
          { bot_id: botId },
          ownerOf(data, botId),
          expected.length
        )
        assert.deepStrictEqual<unknown>(found, expected)
      }))

    it("have bounds to pages and limits; an empty status is refused", () =>
      forAll(scenario(), 1, async ({ botId, data }) => {
        await fill(data)
        const owner = ownerOf(data, botId)
        await assertBounds(get, SUBSCRIPTIONS, botId, owner)
        assert.strictEqual((await get(SUBSCRIPTIONS.path, { bot_id: botId, status: "" }, owner)).status, 400)
      }))
  })
}
