import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as LogLevel from "effect/LogLevel"
import type { Connection } from "mysql2/promise"
import { createBotTables, loadRows } from "../../tools/bots/Load.js"
import { readRows } from "../../tools/bots/Read.js"
import { analytics } from "../../tools/oracle/Analytics.js"
import { summary } from "../../tools/oracle/Summary.js"
import { BOT, DATA, OWNER } from "../testing/BotRows.js"
import { capturedLog } from "../testing/CapturedLog.js"
import { connect, limitedAccount, rowsOf, until } from "../testing/Database.js"
import { sourcesOf, untilFacts } from "../testing/Facts.js"
import { checkAll, differencesOf } from "../testing/FactsCheck.js"
import {
  type Answer,
  makeDatabase,
  type Settings,
  settingsFor,
  startService,
  type TestDatabase
} from "../testing/Service.js"

/** Facts in databases that have them, can't have them, or lose them. */

interface Service {
  readonly get: (path: string, userId: number) => Promise<Answer>
  readonly request: (path: string) => Promise<Answer>
}

const makeBots = (prepare: (connection: Connection) => Promise<unknown> = async () => {}) =>
  Effect.tap(makeDatabase, ({ connection }) =>
    Effect.promise(async () => {
      await createBotTables(connection)
      await loadRows(connection, DATA)
      await prepare(connection)
    })
  )

const start = (address: TestDatabase["address"], changes: Partial<Settings> = {}) =>
  Effect.gen(function* () {
    const log = capturedLog()
    const service = yield* startService(settingsFor(address, { logLevel: LogLevel.Info, ...changes }), log.layer)
    yield* service.untilReady
    return { service, log, ask: service.request } as const
  })

const RANGE = { from: "2025-12-25", to: "2026-01-10" }

/** Holds the figures of the bot against the rows that are there now. */
const assertRight = async ({ get }: Service, connection: Connection) => {
  const rows = await readRows(connection)
  const days = await get(`/api/analytics?bot_id=${BOT}&start_date=${RANGE.from}&end_date=${RANGE.to}`, OWNER)
  assert.deepStrictEqual(days.json, analytics(rows, BOT, RANGE.from, RANGE.to, "UTC"), days.text)
  const now = await get(`/api/bots/${BOT}/summary`, OWNER)
  assert.deepStrictEqual(now.json, summary(rows, BOT, new Date()), now.text)
}

const untilKeptRight = (connection: Connection) =>
  until(async () => (await differencesOf(connection)).length === 0, 20_000)

const insertPayment = (connection: Connection, bill: string, user = 11) =>
  connection.query(
    `INSERT INTO payments (bill_id, user_id, bot_id, amount, currency, status, date)
     VALUES (?, ?, ?, 10, 'RUB', 'PAID', '2026-01-04 12:00:00')`,
    [bill, user, BOT]
  )

const OBSTACLES: ReadonlyArray<readonly [string, string, RegExp]> = [
  ["a view", "RENAME TABLE users TO people; CREATE VIEW users AS SELECT * FROM people", /users is a view/],
  ["a table without transactions", "ALTER TABLE payments ENGINE = MyISAM", /payments is kept by MyISAM/],
  [
    "users' ids that are text",
    "ALTER TABLE payments MODIFY user_id VARCHAR(20) NOT NULL",
    /payments.user_id is no int/
  ],
  [
    "bots' ids past BIGINT",
    "ALTER TABLE users MODIFY bot_id BIGINT UNSIGNED NOT NULL",
    /users.bot_id may be larger than a BIGINT/
  ],
  [
    "a status of any length",
    "ALTER TABLE subscriptions MODIFY status TEXT NOT NULL",
    /subscriptions.status may be longer/
  ],
  [
    "a foreign key that deletes",
    `ALTER TABLE subscriptions ADD CONSTRAINT of_user FOREIGN KEY (user_id) REFERENCES people (id) ON DELETE CASCADE`,
    /the foreign key of_user changes rows of subscriptions without triggers/
  ]
]

describe("a database that can't have facts", () => {
  for (const [name, change, reason] of OBSTACLES) {
    it.scopedLive(`for ${name}: the log says why, /readyz says direct, and the figures are right`, () =>
      Effect.gen(function* () {
        const { address, connection } = yield* makeBots(async (connection) => {
          if (name.startsWith("a foreign key")) {
            await connection.query("CREATE TABLE people (id BIGINT PRIMARY KEY); INSERT INTO people VALUES (11), (12)")
          }
          await connection.query(change)
        })
        const { ask, log, service } = yield* start(address)
        yield* Effect.promise(() => until(() => log.messages.some((line) => reason.test(line)), 10_000))
        assert.strictEqual((yield* Effect.promise(() => ask("/readyz"))).json.figures, "direct")
        yield* Effect.promise(() => assertRight(service, connection))
        yield* Effect.promise(() => insertPayment(connection, "new"))
        yield* Effect.promise(() => assertRight(service, connection))
        assert.deepStrictEqual(yield* Effect.promise(() => rowsOf(connection, "SHOW TRIGGERS")), [])
      })
    )
  }

  it.scopedLive(
    "since the account may not make triggers: the log has the statements for somebody who may",
    () =>
      Effect.gen(function* () {
        const database = yield* makeBots()
        const account = yield* limitedAccount(database, [
          ...["bots", "users", "payments", "subscriptions"].map(
            (table) => `SELECT, ALTER, INDEX, INSERT ON db.${table}`
          ),
          "CREATE, SELECT, INSERT, UPDATE ON db.admins",
          "CREATE, SELECT, INSERT, UPDATE ON db.bot_analytics_migrations",
          ...["marks", "bots", "users", "days", "totals", "revenue"].map(
            (table) => `CREATE, SELECT, INSERT, UPDATE, DELETE ON db.bot_analytics_${table}`
          )
        ])
        const { ask, log, service } = yield* start(account.address)
        yield* Effect.promise(() => until(() => log.messages.some((line) => line.includes("right TRIGGER")), 10_000))
        yield* Effect.promise(() => assertRight(service, database.connection))
        const statements = log.messages.flatMap((line) => /CREATE TRIGGER .*/.exec(line) ?? [])
        assert.lengthOf(statements, 9)
        // A DBA does what the log says, and grants what it takes to see it. The service looks again by itself.
        for (const statement of statements) yield* Effect.promise(() => database.connection.query(statement))
        for (const table of ["users", "payments", "subscriptions"]) yield* account.grant(`TRIGGER ON db.${table}`)
        yield* Effect.promise(() => untilFacts(ask, 45_000))
        yield* Effect.promise(() => insertPayment(database.connection, "new"))
        yield* Effect.promise(() => assertRight(service, database.connection))
      }),
    90_000
  )

  it.scopedLive("with FACTS=false nothing is made, and the figures are right", () =>
    Effect.gen(function* () {
      const { address, connection } = yield* makeBots()
      const { ask, log, service } = yield* start(address, { facts: false })
      assert.strictEqual((yield* Effect.promise(() => ask("/readyz"))).json.figures, "direct")
      yield* Effect.promise(() => assertRight(service, connection))
      assert.deepStrictEqual(yield* Effect.promise(() => rowsOf(connection, "SHOW TRIGGERS")), [])
      assert.isTrue(log.messages.some((line) => line.includes("FACTS=false")))
    })
  )
})

const facts = Effect.gen(function* () {
  const database = yield* makeBots()
  const started = yield* start(database.address)
  yield* Effect.promise(() => untilFacts(started.ask))
  return { ...database, ...started }
})

describe("facts", () => {
  it.scopedLive("a write shows in the next answer, one that is taken back never", () =>
    Effect.gen(function* () {
      const { address, ask, connection, service } = yield* facts
      const before = yield* Effect.promise(() => sourcesOf(ask))
      const writer = yield* connect(address)
      yield* Effect.promise(() => writer.query("BEGIN"))
      yield* Effect.promise(() => insertPayment(writer, "taken back"))
      yield* Effect.promise(() => assertRight(service, connection))
      yield* Effect.promise(() => writer.query("ROLLBACK"))
      yield* Effect.promise(() => assertRight(service, connection))
      yield* Effect.promise(() => insertPayment(connection, "stays"))
      yield* Effect.promise(() => assertRight(service, connection))
      yield* Effect.promise(() => checkAll(connection))
      const after = yield* Effect.promise(() => sourcesOf(ask))
      assert.strictEqual(after.rows, before.rows)
      assert.isAbove(after.facts, before.facts)
    })
  )

  it.scopedLive("rows without a user, of a user whom one renumbers, and of a bot that has none yet", () =>
    Effect.gen(function* () {
      const { connection, service } = yield* facts
      const steps = [
        "ALTER TABLE payments MODIFY user_id BIGINT NULL; ALTER TABLE users MODIFY user_id BIGINT NULL",
        `INSERT INTO payments (bill_id, user_id, bot_id, amount, currency, status, date)
         VALUES ('nobody', NULL, ${BOT}, 10, 'RUB', 'PAID', '2026-01-04 12:00:00')`,
        `INSERT INTO users (user_id, bot_id, reg_date) VALUES (NULL, ${BOT}, '2026-01-04 12:00:00')`,
        "UPDATE payments SET user_id = 12 WHERE bill_id = 'nobody'",
        "UPDATE payments SET user_id = NULL, amount = 7.00000001 WHERE bill_id = 'nobody'",
        "UPDATE payments SET bot_id = 9 WHERE bill_id = 'nobody'",
        `UPDATE payments SET bot_id = ${BOT} WHERE bill_id = 'nobody'`,
        "DELETE FROM payments WHERE bill_id = 'nobody'",
        "INSERT INTO users (user_id, bot_id, reg_date) VALUES (5, 4242, '2026-01-04 12:00:00')",
        `UPDATE users SET bot_id = ${BOT} WHERE bot_id = 4242`
      ]
      for (const step of steps) {
        yield* Effect.promise(() => connection.query(step))
        yield* Effect.promise(() => assertRight(service, connection))
      }
      yield* Effect.promise(() => checkAll(connection))
    })
  )

  it.scopedLive("TRUNCATE fires no trigger: the next answer is right all the same, and the facts are built anew", () =>
    Effect.gen(function* () {
      const { ask, connection, log, service } = yield* facts
      for (const table of ["payments", "subscriptions", "users"]) {
        yield* Effect.promise(() => connection.query(`TRUNCATE TABLE ${table}`))
        yield* Effect.promise(() => assertRight(service, connection))
      }
      assert.isTrue(log.messages.some((line) => line.includes("changed without its triggers")))
      yield* Effect.promise(() => untilKeptRight(connection))
      yield* Effect.promise(() => untilFacts(ask))
      yield* Effect.promise(() => insertPayment(connection, "after"))
      yield* Effect.promise(() => assertRight(service, connection))
    })
  )

  it.scopedLive(
    "a dump that is restored takes the triggers away: they are made again, and the facts built anew",
    () =>
      Effect.gen(function* () {
        const { ask, connection, service } = yield* facts
        yield* Effect.promise(() =>
          connection.query(`CREATE TABLE restored LIKE payments; INSERT INTO restored SELECT * FROM payments;
          DROP TABLE payments; RENAME TABLE restored TO payments`)
        )
        yield* Effect.promise(() => insertPayment(connection, "unseen"))
        const triggers = async () => (await rowsOf(connection, "SHOW TRIGGERS LIKE 'payments'")).length
        yield* Effect.promise(() => until(async () => (await triggers()) === 3, 15_000))
        yield* Effect.promise(() => untilKeptRight(connection))
        yield* Effect.promise(() => untilFacts(ask))
        yield* Effect.promise(() => assertRight(service, connection))
      }),
    60_000
  )

  it.scopedLive("our own tables are dropped: writers go on, and the figures are right", () =>
    Effect.gen(function* () {
      const { ask, connection, service } = yield* facts
      yield* Effect.promise(() => connection.query("DROP TABLE bot_analytics_marks, bot_analytics_days"))
      yield* Effect.promise(() => insertPayment(connection, "unmarked"))
      yield* Effect.promise(() => assertRight(service, connection))
      yield* Effect.promise(() => until(async () => (await ask("/readyz")).json.figures === "direct", 15_000))
      yield* Effect.promise(() => assertRight(service, connection))
    })
  )

  it.scopedLive("two instances: both are right, whoever of them folds", () =>
    Effect.gen(function* () {
      const { address, connection, service } = yield* facts
      const other = yield* start(address)
      yield* Effect.promise(() => untilFacts(other.ask))
      for (let i = 0; i < 20; i++) {
        yield* Effect.promise(() => insertPayment(connection, `b${i}`, 100 + i))
        yield* Effect.promise(() => Promise.all([service, other.service].map((one) => assertRight(one, connection))))
      }
      yield* Effect.promise(() => checkAll(connection))
    })
  )

  it.scopedLive("what is kept wrongly is found by the check, and mended by building anew", () =>
    Effect.gen(function* () {
      const { connection, service } = yield* facts
      yield* Effect.promise(() => connection.query("UPDATE bot_analytics_totals SET n = n + 1 WHERE metric = 'user'"))
      assert.match(
        (yield* Effect.promise(() => differencesOf(connection))).join(),
        /^total user .*: kept 5.*should be 4/
      )
      yield* Effect.promise(() => connection.query("DELETE FROM bot_analytics_bots"))
      yield* Effect.promise(() => assertRight(service, connection))
      yield* Effect.promise(() => untilKeptRight(connection))
    })
  )
})
