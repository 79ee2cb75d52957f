import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as LogLevel from "effect/LogLevel"
import { migrations } from "../../migrations/index.js"
import { createBotTables, loadRows } from "../../tools/bots/Load.js"
import { TABLES } from "../Facts/Store/Tables.js"
import { BOT, DATA, OWNER } from "../testing/BotRows.js"
import { capturedLog } from "../testing/CapturedLog.js"
import { connect, failingRoutes, limitedAccount, migrate, rowsOf } from "../testing/Database.js"
import { initDataOf, makeDatabase, settingsFor, startService } from "../testing/Service.js"

/** The account of the service has no more rights than it needs. */

const READ = ["bots", "users", "payments", "subscriptions"].map((table) => `SELECT ON db.${table}`)
const WITHOUT = ["users.invited", "subscriptions.sub_url"]
/** Enough for our own tables, and for nothing else. */
const OWN = [
  "CREATE, SELECT, INSERT, UPDATE ON db.bot_analytics_admins",
  "CREATE, SELECT, INSERT, UPDATE ON db.bot_analytics_migrations"
]

const makeBots = Effect.tap(makeDatabase, ({ connection }) =>
  Effect.promise(async () => {
    await createBotTables(connection, { without: WITHOUT })
    await loadRows(connection, DATA, undefined, { without: WITHOUT })
  })
)

const login = (service: { readonly request: (path: string, init: RequestInit) => Promise<{ status: number }> }) =>
  Effect.promise(() =>
    service.request("/api/auth/telegram", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ init_data: initDataOf(OWNER) })
    })
  )

describe("an account", () => {
  it.scopedLive(
    "that may only read the bots' tables and make its own: all works, and the log tells what is missing",
    () =>
      Effect.gen(function* () {
        const database = yield* makeBots
        const account = yield* limitedAccount(database, [...READ, ...OWN])
        const log = capturedLog()
        const service = yield* startService(settingsFor(account.address, { logLevel: LogLevel.Debug }), log.layer)
        yield* service.untilReady
        assert.deepStrictEqual(yield* Effect.promise(() => failingRoutes(service, BOT, OWNER)), [])
        assert.strictEqual((yield* login(service)).status, 200)
        assert.strictEqual((yield* login(service)).status, 200)
        const users = yield* Effect.promise(() => service.get(`/api/users?bot_id=${BOT}`, OWNER))
        assert.deepStrictEqual(
          users.json.users.map(({ invited }: { invited: unknown }) => invited),
          [null, null, null, null]
        )
        const gaps = log.messages.filter((line) => line.includes("may not be changed by this account"))
        const ours = gaps.filter((line) => line.includes("CREATE TABLE bot_analytics_"))
        assert.lengthOf(ours, 7)
        assert.lengthOf(gaps, 9 + ours.length)
        assert.match(
          gaps[0] ?? "",
          /^The bots' table users may not .*\(.*denied.*\): without it, invited is null .*To mend it, run: ALTER TABLE users ADD COLUMN `invited` VARCHAR\(64\) NULL;$/
        )
        for (const line of log.messages) assert.notInclude(line, "a password for tests")
        const warnings = log.lines.filter(({ level, message }) => level === "WARN" && message.includes("not made"))
        assert.deepStrictEqual(
          warnings.map(({ message }) => message),
          [
            "16 changes of the database were not made (16 this account has no right to). The service answers all the same: more slowly, and with null for a column that is missing. The SQL for an administrator: npm run migrate -- --print"
          ]
        )
        assert.isFalse(log.lines.some(({ level, message }) => level === "WARN" && message.includes("ADD COLUMN")))

        // A DBA does what the log says: the next start finds it done.
        const done = [...gaps.slice(0, 4), ...ours]
        const statements = done.map((line) =>
          line.slice(line.indexOf("To mend it, run: ") + "To mend it, run: ".length)
        )
        yield* Effect.promise(() => database.connection.query(statements.join("")))
        // A table that the account has no right to, it does not see.
        for (const table of TABLES) yield* account.grant(`SELECT, INSERT, UPDATE, DELETE ON db.${table}`)
        assert.lengthOf((yield* migrate(account.address)).gaps, 5)
        // The right comes: the next start does the rest.
        for (const table of ["bots", "users", "payments", "subscriptions"]) yield* account.grant(`ALTER ON db.${table}`)
        assert.deepStrictEqual(yield* migrate(account.address), { applied: [], gaps: [] })
        const rows = yield* Effect.promise(() =>
          rowsOf(database.connection, "SELECT id FROM bot_analytics_migrations WHERE complete = 1")
        )
        assert.lengthOf(rows, migrations.length)
      })
  )

  it.scopedLive("that may not create tables works where a DBA made them beforehand, by `npm run migrate`", () =>
    Effect.gen(function* () {
      const database = yield* makeBots
      yield* migrate(database.address)
      const account = yield* limitedAccount(database, [...READ, ...OWN.map((grant) => grant.replace("CREATE, ", ""))])
      const service = yield* startService(settingsFor(account.address))
      yield* service.untilReady
      assert.deepStrictEqual(yield* Effect.promise(() => failingRoutes(service, BOT, OWNER)), [])
      assert.strictEqual((yield* login(service)).status, 200)
    })
  )

  it.scopedLive("that may not make its own tables: not ready, and the log says which right is missing", () =>
    Effect.gen(function* () {
      const database = yield* makeBots
      const account = yield* limitedAccount(database, READ)
      const failure = yield* Effect.flip(migrate(account.address))
      assert.match(String(failure.cause ?? failure), /CREATE command denied/)
    })
  )
})

describe("a table that a bot has locked", () => {
  it.scopedLive("is left as it is after 5 s; the bots wait no longer behind us, and the service answers", () =>
    Effect.gen(function* () {
      const database = yield* makeBots
      const holder = yield* connect(database.address)
      const bot = yield* connect(database.address)
      const log = capturedLog()
      yield* Effect.promise(() => holder.query("BEGIN; SELECT * FROM payments"))
      const service = yield* startService(settingsFor(database.address, { logLevel: LogLevel.Debug }), log.layer)
      let longest = 0
      let stop = false
      const write = async () => {
        for (let i = 0; !stop; i++) {
          const started = Date.now()
          await bot.query(
            `INSERT INTO payments (bill_id, user_id, bot_id, amount, currency, status, date)
             VALUES ('during-${i}', 1, ${BOT}, 1, 'RUB', 'PAID', '2026-01-01')`
          )
          longest = Math.max(longest, Date.now() - started)
          await new Promise((resolve) => setTimeout(resolve, 50))
        }
      }
      const writing = write()
      yield* service.untilReady
      assert.deepStrictEqual(yield* Effect.promise(() => failingRoutes(service, BOT, OWNER)), [])
      stop = true
      yield* Effect.promise(() => writing)
      assert.isAbove(longest, 4_000)
      assert.isBelow(longest, 6_000)
      const locked = log.messages.filter((line) => line.includes("is locked by another session"))
      assert.lengthOf(locked, 2)
      assert.include(locked[0], "The bots' table payments is locked by another session; the next start tries again")
      yield* Effect.promise(() => holder.query("COMMIT"))
      assert.deepStrictEqual((yield* migrate(database.address)).gaps, [])
    })
  )
})
