import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as LogLevel from "effect/LogLevel"
import { createBotTables, loadRows } from "../../tools/bots/Load.js"
import { BOT, DATA, OWNER } from "../testing/BotRows.js"
import { capturedLog } from "../testing/CapturedLog.js"
import { contents, failingRoutes, migrate, rowsOf, until } from "../testing/Database.js"
import {
  initDataOf,
  makeDatabase,
  settingsFor,
  startService,
  type TestDatabase,
  type TestResponse
} from "../testing/Service.js"

/** Databases in which others have names that are ours, or nearly. */

const made = (...statements: ReadonlyArray<string>) =>
  Effect.tap(makeDatabase, ({ connection }) =>
    Effect.promise(async () => {
      await createBotTables(connection)
      await loadRows(connection, DATA)
      for (const statement of statements) await connection.query(statement)
    })
  )

const started = (database: TestDatabase) =>
  Effect.gen(function* () {
    const log = capturedLog()
    const service = yield* startService(settingsFor(database.address, { logLevel: LogLevel.Info }), log.layer)
    return { ...service, log: log.messages }
  })

interface Requested {
  readonly request: (path: string, init?: RequestInit) => Promise<TestResponse>
}

const logIn = ({ request }: Requested, userId: number) =>
  Effect.promise(() =>
    request("/api/auth/telegram", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ init_data: initDataOf(userId) })
    })
  )

const botsBy = ({ request }: Requested, token: string) =>
  Effect.promise(() => request("/api/bots", { headers: { Authorization: `Bearer ${token}` } }))

const rows = ({ connection }: TestDatabase, statement: string) => Effect.promise(() => rowsOf(connection, statement))
const run = ({ connection }: TestDatabase, statement: string) => Effect.promise(() => connection.query(statement))
const reasons = ({ request }: Requested) =>
  Effect.promise(async (): Promise<ReadonlyArray<string>> => (await request("/readyz")).json?.reasons)

/** The table as versions before made it. */
const OURS_OF_BEFORE = `CREATE TABLE admins (uid INT NOT NULL AUTO_INCREMENT PRIMARY KEY, user_id BIGINT NOT NULL,
  username VARCHAR(64) NULL, first_name VARCHAR(255) NULL, last_name VARCHAR(255) NULL, language_code VARCHAR(35) NULL,
  created_at DATETIME(3) NOT NULL, last_login_at DATETIME(3) NOT NULL, UNIQUE KEY admins_user_id (user_id))`

const PANELS: Record<string, readonly [create: string, insert: string]> = {
  "of a panel": [
    "CREATE TABLE admins (id INT AUTO_INCREMENT PRIMARY KEY, username VARCHAR(200) NOT NULL, password VARCHAR(200) NOT NULL, lang VARCHAR(10) NOT NULL)",
    "INSERT INTO admins VALUES (1, 'root', 'secret', 'fa')"
  ],
  "of a panel that has all our columns and one more": [
    OURS_OF_BEFORE.replace("created_at", "role VARCHAR(16) NOT NULL, created_at"),
    `INSERT INTO admins VALUES (1, ${OWNER}, 'root', NULL, NULL, NULL, 'boss', '2020-01-01', '2020-01-01')`
  ]
}

describe("a table admins", () => {
  it.scopedLive.each(Object.entries(PANELS))("%s is none of ours: logins work, and it stays as it is", ([_, table]) =>
    Effect.gen(function* () {
      const database = yield* made(...table)
      const before = yield* rows(database, "SELECT * FROM admins")
      const service = yield* started(database)
      yield* service.untilReady
      const { json, status, text } = yield* logIn(service, OWNER)
      assert.strictEqual(status, 200, text)
      assert.strictEqual((yield* botsBy(service, json.token)).status, 200)
      assert.deepStrictEqual(yield* rows(database, "SELECT * FROM admins"), before)
      assert.lengthOf(yield* rows(database, "SELECT * FROM bot_analytics_admins"), 1)
      assert.deepStrictEqual(
        (yield* reasons(service)).filter((reason) => reason.includes("admins")),
        []
      )
    })
  )

  it.scopedLive("of a version before: its accounts are copied once, and it stays as it is", () =>
    Effect.gen(function* () {
      const accounts = (table: string) => rows(database, `SELECT * FROM ${table} ORDER BY uid`)
      const database = yield* made(
        OURS_OF_BEFORE,
        `INSERT INTO admins VALUES (7, ${OWNER}, 'fox', 'Лиса', NULL, 'ru', '2026-01-01 10:00:00.123', '2026-01-02'),
         (9, 5, NULL, NULL, NULL, NULL, '2026-01-03', '2026-01-03')`
      )
      const before = yield* accounts("admins")
      yield* migrate(database.address)
      assert.deepStrictEqual(yield* accounts("admins"), before)
      assert.deepStrictEqual(yield* accounts("bot_analytics_admins"), before)

      const service = yield* started(database)
      yield* service.untilReady
      const login = yield* logIn(service, OWNER)
      assert.strictEqual(login.json.user.uid, 7)
      assert.strictEqual(login.json.user.reg_date, "2026-01-01T10:00:00.123Z")
      assert.strictEqual((yield* logIn(service, 6)).json.user.uid, 10)
      // Who was thrown out stays out, even where the record of the migrations is lost.
      yield* run(database, "DELETE FROM bot_analytics_admins WHERE user_id = 5")
      yield* run(database, "DELETE FROM bot_analytics_migrations")
      yield* migrate(database.address)
      const left = yield* accounts("bot_analytics_admins")
      assert.deepStrictEqual(
        left.map(({ user_id }) => user_id),
        [OWNER, 6]
      )
      assert.deepStrictEqual(yield* accounts("admins"), before)
    })
  )
})

describe("a name of ours that is not of our making", () => {
  it.scopedLive("the accounts': not ready, and it is said why, until it is renamed", () =>
    Effect.gen(function* () {
      const database = yield* made(
        "CREATE TABLE bot_analytics_admins (id INT PRIMARY KEY, username VARCHAR(9), uid INT)"
      )
      const service = yield* started(database)
      const why =
        "the table bot_analytics_admins has a name of the service's own and is not of its making: it lacks user_id, first_name, last_name, language_code, created_at, last_login_at. Rename it"
      yield* Effect.promise(() =>
        until(async () => {
          const { json, status } = await service.request("/readyz")
          return status === 503 && json.message.includes(why)
        }, 20_000)
      )
      assert.isTrue(service.log.some((line) => line.startsWith("Not ready: ") && line.includes(why)))
      yield* run(database, "RENAME TABLE bot_analytics_admins TO theirs")
      yield* Effect.promise(() => until(async () => (await service.request("/readyz")).status === 200, 60_000))
      assert.strictEqual((yield* logIn(service, OWNER)).status, 200)
    })
  )

  it.scopedLive("the migrations': not ready, and it is said why", () =>
    Effect.gen(function* () {
      const database = yield* made("CREATE TABLE bot_analytics_migrations (id INT PRIMARY KEY)")
      for (const text of [
        String(yield* Effect.flip(migrate(database.address))),
        yield* Effect.gen(function* () {
          const service = yield* started(database)
          yield* Effect.promise(() => until(() => service.log.some((line) => line.startsWith("Not ready")), 20_000))
          return service.log.join()
        })
      ]) {
        assert.include(text, "bot_analytics_migrations has a name of the service's own and is not of its making")
      }
    })
  )

  it.scopedLive("others: named in log and /readyz, left alone, and answers are right", () =>
    Effect.gen(function* () {
      const theirs = ["bot_analytics_totals", "bot_analytics_marks", "bot_analytics_reports"]
      const database = yield* made(
        ...theirs.map((table) => `CREATE TABLE ${table} (bot_id INT, kept VARCHAR(9))`),
        ...theirs.map((table) => `INSERT INTO ${table} VALUES (1, 'theirs')`),
        "CREATE INDEX payments_bot_date ON payments (provider)"
      )
      const service = yield* started(database)
      yield* service.untilReady
      const named = [
        "the table bot_analytics_totals has a name of the service's own and is not of its making: it lacks metric, label, n, amount",
        "the table bot_analytics_reports has the service's prefix and is not of its making",
        "the index payments_bot_date of payments has a name of the service's own and is not of its making: it is over provider"
      ]
      yield* Effect.promise(() => until(async () => (await Effect.runPromise(reasons(service))).length >= 3, 20_000))
      const found = yield* reasons(service)
      for (const name of named) {
        assert.isTrue(
          found.some((reason) => reason.startsWith(name)),
          `${name}\n${found.join("\n")}`
        )
        assert.isTrue(
          service.log.some((line) => line.startsWith(name)),
          name
        )
      }
      assert.deepStrictEqual(yield* Effect.promise(() => failingRoutes(service, BOT, OWNER)), [])
      for (const table of theirs) {
        assert.deepStrictEqual(
          (yield* rows(database, `SELECT * FROM ${table}`)).map((row) => ({ ...row })),
          [{ bot_id: 1, kept: "theirs" }]
        )
      }
      const indexes = yield* rows(
        database,
        `SELECT DISTINCT index_name AS name FROM information_schema.statistics
         WHERE table_schema = DATABASE() AND table_name = 'payments' AND index_name LIKE '%payments_bot_date' ORDER BY 1`
      )
      assert.deepStrictEqual(
        indexes.map(({ name }) => name),
        ["bot_analytics_payments_bot_date", "payments_bot_date"]
      )
      // Renamed, what is ours takes its place.
      for (const table of theirs) yield* run(database, `RENAME TABLE ${table} TO of_${table}`)
      yield* migrate(database.address)
      const again = yield* started(database)
      yield* Effect.promise(() => until(async () => (await again.request("/readyz")).json?.figures === "facts", 60_000))
      assert.lengthOf(
        (yield* reasons(again)).filter((reason) => reason.includes("not of its making")),
        1
      )
    })
  )
})

describe("tables of the bots", () => {
  it.scopedLive("whose names differ in case only are said, and can be read by a view", () =>
    Effect.gen(function* () {
      const database = yield* made("RENAME TABLE users TO Users")
      const { checksum } = yield* Effect.promise(() => contents(database.connection))
      const before = yield* Effect.promise(checksum)
      const service = yield* started(database)
      yield* Effect.promise(() => until(() => service.log.some((line) => line.includes("there is Users")), 20_000))
      const line = service.log.find((line) => line.includes("there is Users")) ?? ""
      assert.include(line, "the service reads the table users, and there is Users, which differs in case only")
      yield* run(database, line.slice(line.indexOf("RENAME TABLE")))
      assert.strictEqual(yield* Effect.promise(checksum), before)
      yield* Effect.promise(() =>
        until(async () => {
          const { json } = await service.request("/readyz")
          return json.status === "ready" && !json.reasons.some((reason: string) => reason.includes("in case only"))
        }, 60_000)
      )
      const users = yield* Effect.promise(() => service.get(`/api/users?bot_id=${BOT}`, OWNER))
      assert.strictEqual(users.json.total, DATA.users.length)
    })
  )

  it.scopedLive("of which there is none: the service makes them, and says so", () =>
    Effect.gen(function* () {
      const database = yield* makeDatabase
      const service = yield* started(database)
      yield* service.untilReady
      const says = (line: string) =>
        line.includes(
          `The database ${database.address.database} had none of the bots' tables bots, users, payments, subscriptions`
        )
      assert.lengthOf(service.log.filter(says), 1)
      const again = yield* started(database)
      yield* again.untilReady
      assert.lengthOf(again.log.filter(says), 0)
    })
  )
})
