import { assert, describe, it } from "@effect/vitest"
import { userList } from "../../tools/oracle/Lists.js"
import { scenario } from "../../tools/oracle/RandomRows.js"
import { forAll, ownerOf, serviceOverBots, wireJson, wireTime } from "../testing/Bots.js"
import { assertBounds, assertPages, pageOf } from "../testing/Pages.js"

const USERS = { path: "/api/users", rows: "users", key: "uid" }

for (const metaType of ["JSON", "TEXT"] as const) {
  describe(`users, where meta is ${metaType}`, () => {
    const { fill, get } = serviceOverBots({ metaType })

    it("come in the contract's order, each once, whatever the size of the pages", () =>
      forAll(scenario({ textMeta: metaType === "TEXT", maxRows: 9 }), 20, async ({ botId, data }) => {
        await fill(data)
        const expected = userList(data, botId)
        for (const limit of [...expected.keys(), expected.length, 1000].filter((size) => size > 0)) {
          await assertPages(get, USERS, { bot_id: botId }, ownerOf(data, botId), expected, limit)
        }
      }))

    it("have every value of their row", () =>
      forAll(scenario({ textMeta: metaType === "TEXT", maxRows: 30 }), 30, async ({ botId, data }) => {
        await fill(data)
        const rows = new Map(data.users.map((row) => [row.uid, row]))
        const expected = userList(data, botId).map((uid) => {
          const row = rows.get(uid)
          if (row === undefined) throw new Error(`no row ${uid}`)
          return {
            ...row,
            reg_date: wireTime(row.reg_date),
            ref_percent: Number(row.ref_percent),
            meta: wireJson(row.meta)
          }
        })
        const { rows: users } = await pageOf(get, USERS, { bot_id: botId }, ownerOf(data, botId), expected.length)
        assert.deepStrictEqual(users, expected)
      }))

    it("have bounds to pages and limits", () =>
      forAll(scenario(), 1, async ({ botId, data }) => {
        await fill(data)
        await assertBounds(get, USERS, botId, ownerOf(data, botId))
      }))
  })
}
