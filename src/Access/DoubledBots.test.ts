import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { createBotTables, loadRows } from "../../tools/bots/Load.js"
import type { BotData } from "../../tools/bots/Rows.js"
import { analytics } from "../../tools/oracle/Analytics.js"
import { payment, subscription, user } from "../../tools/oracle/Example.js"
import { summary } from "../../tools/oracle/Summary.js"
import { exampleOf, OWNER } from "../testing/Bots.js"
import { until } from "../testing/Database.js"
import { makeDatabase, settingsFor, startService } from "../testing/Service.js"

/** `bots.uid` is there twice: a panel that wrote a bot's row again, or a bot that two owners claim. */

const OTHER = 43

const rows: BotData = exampleOf({
  users: [user({ uid: 1, reg_date: new Date("2026-01-02T00:00:00Z") }), user({ uid: 2, user_id: 8 })],
  payments: [payment("b1", "2026-01-02T10:00:00Z", { amount: "199.99" }), payment("b2", "2026-01-03T10:00:00Z")],
  subscriptions: [subscription(1, "2026-01-02T10:00:00Z"), subscription(2, "2026-01-03T10:00:00Z", { user_id: 8 })]
})

const serviceOver = (secondAdmin: number, facts: "auto" | "off") =>
  Effect.gen(function* () {
    const database = yield* makeDatabase
    yield* Effect.promise(async () => {
      await createBotTables(database.connection)
      await database.connection.query("ALTER TABLE bots MODIFY uid INT NOT NULL, DROP PRIMARY KEY")
      await loadRows(database.connection, rows)
      await database.connection.query(
        `INSERT INTO bots (uid, bot_id, username, admin_id) VALUES (1, 2, 'again', ${secondAdmin})`
      )
    })
    const service = yield* startService(settingsFor(database.address, { facts }))
    yield* service.untilReady
    return service
  })

type Service = Effect.Effect.Success<ReturnType<typeof serviceOver>>

/** Each figure and row is there once. */
const assertOnce = async (service: Service, admin: number) => {
  const range = "start_date=2026-01-01&end_date=2026-01-31"
  const days = await service.get(`/api/analytics?bot_id=1&${range}`, admin)
  assert.deepStrictEqual(days.json, analytics(rows, 1, "2026-01-01", "2026-01-31", "UTC"), days.text)
  const now = await service.get("/api/bots/1/summary", admin)
  assert.deepStrictEqual(now.json, summary(rows, 1, new Date()), now.text)
  for (const list of ["users", "payments", "subscriptions"] as const) {
    for (const limit of [1, 2, 3, 100]) {
      const { json, text } = await service.get(`/api/${list}?bot_id=1&limit=${limit}`, admin)
      assert.strictEqual(json.total, 2, text)
      assert.lengthOf(json[list], Math.min(limit, 2), text)
      assert.strictEqual(json.next_cursor === null, limit > 1, text)
    }
  }
}

const isNamed = async (service: Service) => (await service.request("/readyz")).text.includes("bots.uid")

describe("bots.uid there twice", () => {
  for (const facts of ["auto", "off"] as const) {
    it.scopedLive(`for the same admin doubles no figure, facts ${facts}, and is named`, () =>
      Effect.gen(function* () {
        const service = yield* serviceOver(OWNER, facts)
        yield* Effect.promise(async () => {
          await assertOnce(service, OWNER)
          await until(() => isNamed(service), 5_000)
        })
      })
    )
  }

  it.scopedLive("for two admins: neither sees a figure doubled, or the other's row of the bot, and it is named", () =>
    Effect.gen(function* () {
      const service = yield* serviceOver(OTHER, "auto")
      yield* Effect.promise(async () => {
        for (const admin of [OWNER, OTHER]) {
          const own = await service.get("/api/bots", admin)
          assert.strictEqual(own.status, 200, own.text)
          for (const bot of own.json) assert.strictEqual(bot.admin_id, admin)
          const { status, text } = await service.get("/api/bots/1/summary", admin)
          assert.include([200, 403], status, text)
          // Who owns the bot is not clear: its figures are answered right, or to nobody.
          if (status === 200) await assertOnce(service, admin)
        }
        await until(() => isNamed(service), 5_000)
      })
    })
  )
})
