import { assert, describe, it } from "@effect/vitest"
import { scenario } from "../../tools/oracle/RandomRows.js"
import { userIds } from "../../tools/oracle/RandomValues.js"
import { forAll, serviceOverBots, wireJson } from "../testing/Bots.js"

describe("bots", () => {
  const { fill, get, query } = serviceOverBots()

  it("are the admin's own, by uid, with every value of their row", () =>
    forAll(scenario({ maxRows: 1 }), 40, async ({ data }) => {
      await fill(data)
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
        const answer = await get("/api/bots", {}, admin)
        assert.strictEqual(answer.status, 200, answer.text)
        assert.deepStrictEqual(answer.json, expected)
      }
    }))

  it("count from the next request on, for each of their routes", async () => {
    await query("DELETE FROM bots")
    const status = async (path: string, parameters = {}) => (await get(path, parameters, 42)).status
    assert.strictEqual(await status("/api/users", { bot_id: 7 }), 403)
    await query("INSERT INTO bots (uid, bot_id, admin_id) VALUES (7, 7214036581, 42)")
    assert.strictEqual(await status("/api/users", { bot_id: 7 }), 200)
    assert.strictEqual(await status("/api/bots/7/summary"), 200)
    const [bot] = (await get("/api/bots", {}, 42)).json
    const defaults = { username: null, ref_percent: 0, balance: 0, status: "ACTIVE", meta: null }
    assert.deepStrictEqual(bot, { uid: 7, bot_id: 7214036581, admin_id: 42, ...defaults })
  })
})
