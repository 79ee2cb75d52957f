import { readFileSync } from "node:fs"
import { assert, layer } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import mysql from "mysql2/promise"
import { BOT, DATA, OWNER } from "../../src/testing/BotRows.js"
import { failingRoutes, migrate, until } from "../../src/testing/Database.js"
import { PrivateServer, privateServer } from "../../src/testing/PrivateServer.js"
import { settingsFor, startService } from "../../src/testing/Service.js"
import { createBotTables, loadRows } from "../bots/Load.js"

/**
 * Every SQL text of the papers runs as it stands, in the papers' order, on a server where bots wrote before: an operator
 * pastes it. After README's rights, and no others, the service answers from facts.
 */

const PAPERS = ["README.md", "docs/operations.md", "SECURITY.md"]

const blocksOf = (paper: string): ReadonlyArray<string> =>
  [...readFileSync(paper, "utf8").matchAll(/^([ ]*)```sql\n([\s\S]*?)^\1```/gm)].map(([, , text = ""]) => text)

/** The way out of it: run at the end, whatever paper has it. */
const isFarewell = (block: string): boolean => /DROP USER/.test(block)

layer(privateServer("papers"), { timeout: Duration.seconds(90), excludeTestServices: true })(
  "the statements of the papers",
  (it) => {
    it.scoped(
      "run as they are pasted, and give the service all that it needs",
      () =>
        Effect.gen(function* () {
          const { root, server } = yield* PrivateServer
          const paste = (block: string) => Effect.promise(() => root.query(block))
          yield* paste("CREATE DATABASE bots_db CHARACTER SET utf8mb4")
          // The account that compose makes.
          yield* paste("CREATE USER 'bot_analytics'@'%' IDENTIFIED BY 'x'")
          const bots = yield* Effect.acquireRelease(
            Effect.promise(() =>
              mysql.createConnection({
                host: server.host,
                port: server.port,
                user: "root",
                database: "bots_db",
                multipleStatements: true,
                timezone: "Z",
                dateStrings: true
              })
            ),
            (connection) => Effect.promise(() => connection.end())
          )
          yield* Effect.promise(async () => {
            await createBotTables(bots)
            await loadRows(bots, DATA)
          })
          const address = (username: string, password: string) => ({
            host: server.host,
            port: server.port,
            database: "bots_db",
            username,
            password: Redacted.make(password),
            tls: "off" as const
          })

          const blocks = PAPERS.flatMap(blocksOf)
          assert.isAtLeast(blocks.length, 6)
          for (const block of blocks.filter((block) => !isFarewell(block))) yield* paste(block)

          // An administrator gives the indexes, as `npm run migrate` as root does.
          yield* migrate(address("root", ""))
          yield* Effect.scoped(
            Effect.gen(function* () {
              const service = yield* startService(settingsFor(address("analytics", "..."), { facts: "on" }))
              yield* service.untilReady
              yield* Effect.promise(async () => {
                await until(async () => (await service.request("/readyz")).json?.figures === "facts", 20_000)
                assert.deepStrictEqual((await service.request("/readyz")).json?.reasons, [])
                assert.deepStrictEqual(await failingRoutes(service, BOT, OWNER), [])
              })
            })
          )
          for (const block of blocks.filter(isFarewell)) yield* paste(block)

          // Operations' example of a schema of another shape.
          yield* Effect.scoped(
            Effect.gen(function* () {
              const service = yield* startService(settingsFor({ ...address("root", ""), database: "shop_view" }))
              yield* service.untilReady
              yield* Effect.promise(async () => {
                const get = async (path: string) => (await service.get(path, 777000123)).json
                assert.deepStrictEqual(await failingRoutes(service, 1, 777000123), [])
                // What the views do without is null, or its default.
                assert.deepStrictEqual(await get("/api/bots"), [
                  {
                    ...{ uid: 1, bot_id: 7214036581, username: "shop_bot", admin_id: 777000123 },
                    ...{ ref_percent: 0, balance: 0, status: "ACTIVE", meta: null }
                  }
                ])
                const { subscriptions } = await get("/api/subscriptions?bot_id=1")
                assert.deepStrictEqual(
                  subscriptions.map(({ keys, sub_uid }: Record<string, unknown>) => [sub_uid, keys]),
                  [["", null]]
                )
                const { payments } = await get("/api/payments?bot_id=1")
                assert.deepStrictEqual(
                  payments.map(({ amount, bill_id, date, status }: Record<string, unknown>) => [
                    bill_id,
                    amount,
                    status,
                    date
                  ]),
                  [
                    ["9", 149.5, "PAID", "2026-01-01T00:06:40Z"],
                    ["10", 0.1, "ждёт", null]
                  ]
                )
                const { active_users, total_revenue, total_users } = await get("/api/bots/1/summary")
                assert.deepStrictEqual([total_users, active_users, total_revenue], [2, 1, 149.5])
                const days = await get("/api/analytics?bot_id=1&start_date=2026-01-01&end_date=2026-01-01")
                assert.deepStrictEqual(days, [
                  { date: "2026-01-01", registrations: 1, payments: 1, trials: 0, keys: 0, renewals: 1 }
                ])
              })
            })
          )
        }),
      { timeout: 80_000 }
    )
  }
)
