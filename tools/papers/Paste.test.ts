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
        }),
      { timeout: 80_000 }
    )
  }
)
