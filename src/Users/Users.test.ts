import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { userList } from "../../tools/oracle/Lists.js"
import { scenario } from "../../tools/oracle/RandomRows.js"
import { botTables, fill, ownerOf, wireJson, wireTime } from "../testing/Bots.js"
import { assertBounds, assertPages, pageOf } from "../testing/Pages.js"
import { runs } from "../testing/Properties.js"
import { testService } from "../testing/Service.js"

const USERS = { path: "/api/users", rows: "users", key: "uid" }

for (const metaType of ["JSON", "TEXT"] as const) {
  const random = (maxRows: number) => scenario({ textMeta: metaType === "TEXT", maxRows })

  layer(testService({ prepare: botTables({ metaType }) }), { excludeTestServices: true })(
    `users, where meta is ${metaType}`,
    (it) => {
      it.effect.prop(
        "come in the contract's order, each once, whatever the size of the pages",
        [random(9)],
        ([{ botId, data }]) =>
          Effect.gen(function* () {
            yield* fill(data)
            const expected = userList(data, botId)
            for (const limit of [...expected.keys(), expected.length, 1000].filter((size) => size > 0)) {
              yield* assertPages(USERS, { bot_id: botId }, ownerOf(data, botId), expected, limit)
            }
          }),
        runs(20)
      )

      it.effect.prop(
        "have every value of their row",
        [random(30)],
        ([{ botId, data }]) =>
          Effect.gen(function* () {
            yield* fill(data)
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
            const page = yield* pageOf(USERS, { bot_id: botId }, ownerOf(data, botId), expected.length)
            assert.deepStrictEqual<unknown>(page.rows, expected)
          }),
        runs(30)
      )

      it.effect.prop(
        "have bounds to pages and limits",
        [scenario()],
        ([{ botId, data }]) =>
          Effect.gen(function* () {
            yield* fill(data)
            yield* assertBounds(USERS, botId, ownerOf(data, botId))
          }),
        runs(1)
      )
    }
  )
}
