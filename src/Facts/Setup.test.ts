import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as LogLevel from "effect/LogLevel"
import type { Connection } from "mysql2/promise"
import { readRows } from "../../tools/bots/Read.js"
import { analytics } from "../../tools/oracle/Analytics.js"
import { summary } from "../../tools/oracle/Summary.js"
import { BOT, DATA, OWNER } from "../testing/BotRows.js"
import { filledBotTables } from "../testing/Bots.js"
import { capturedLog } from "../testing/CapturedLog.js"
import { getAs, query } from "../testing/Client.js"
import { connect, limitedAccount } from "../testing/Database.js"
import { eventually } from "../testing/Eventually.js"
import { figuresSource, sources, untilFacts } from "../testing/Facts.js"
import { checkAll, differences } from "../testing/FactsCheck.js"
import {
  makeDatabase,
  type Settings,
  settingsFor,
  startService,
  type TestDatabase,
  TestService
} from "../testing/Service.js"

/** Facts in databases that have them, can't have them, or lose them. */

/** A database with the bots' tables and rows, after this change to it. */
const makeBots = (change = "DO 0") =>
  Effect.tap(makeDatabase, (database) =>
    Effect.promise(async () => {
      await filledBotTables(DATA)(database)
      await database.connection.query(change)
    })
  )

/** Starts a service over the database, by this account, and gives it with its log. */
const start = Effect.fnUntraced(function* (
  database: TestDatabase,
  changes: Partial<Settings> = {},
  address = database.address
) {
  const log = capturedLog()
  const service = yield* startService(settingsFor(address, { logLevel: LogLevel.Info, ...changes }), log.layer)
  yield* service.untilReady
  const running: typeof TestService.Service = { ...service, database }
  return { log, running }
})

const RANGE = { from: "2025-12-25", to: "2026-01-10" }

/** Holds the figures of the bot against the rows that are there now. */
const assertRight = Effect.gen(function* () {
  const { database } = yield* TestService
  const rows = yield* Effect.promise(() => readRows(database.connection))
  const days = yield* getAs(OWNER, `/api/analytics?bot_id=${BOT}&start_date=${RANGE.from}&end_date=${RANGE.to}`)
  assert.deepStrictEqual(days.json, analytics(rows, BOT, RANGE.from, RANGE.to, "UTC"), days.text)
  const now = yield* getAs(OWNER, `/api/bots/${BOT}/summary`)
  assert.deepStrictEqual(now.json, summary(rows, BOT, new Date()), now.text)
})

const untilKeptRight = eventually(
  Effect.map(differences, (found) => found.length === 0),
  "20 seconds"
)

const insertPayment = (connection: Connection, bill: string, user = 11) =>
  Effect.promise(() =>
    connection.query(
      `INSERT INTO payments (bill_id, user_id, bot_id, amount, currency, status, date)
       VALUES (?, ?, ?, 10, 'RUB', 'PAID', '2026-01-04 12:00:00')`,
      [bill, user, BOT]
    )
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
    `CREATE TABLE people (id BIGINT PRIMARY KEY); INSERT INTO people VALUES (11), (12);
    ALTER TABLE subscriptions ADD CONSTRAINT of_user FOREIGN KEY (user_id) REFERENCES people (id) ON DELETE CASCADE`,
    /the foreign key of_user changes rows of subscriptions without triggers/
  ]
]

/** What the service of a test says. */
class Log extends Context.Tag("app/testing/Log")<Log, ReturnType<typeof capturedLog>>() {}

/** A service over these tables, and its log. */
const serviceOver = (change?: string, settings?: Partial<Settings>) =>
  Layer.scopedContext(
    Effect.gen(function* () {
      const { log, running } = yield* start(yield* makeBots(change), settings)
      return Context.make(TestService, running).pipe(Context.add(Log, log))
    })
  )

const says = (pattern: RegExp) => Effect.map(Log, ({ messages }) => messages.some((message) => pattern.test(message)))

describe("a database that can't have facts", () => {
  for (const [name, change, reason] of OBSTACLES) {
    it.live(`for ${name}: the log says why, /readyz says direct, and the figures are right`, () =>
      Effect.gen(function* () {
        const { database } = yield* TestService
        yield* eventually(says(reason), "10 seconds")
        assert.strictEqual(yield* figuresSource, "direct")
        yield* assertRight
        yield* insertPayment(database.connection, "new")
        yield* assertRight
        assert.deepStrictEqual(yield* query("SHOW TRIGGERS"), [])
      }).pipe(Effect.provide(serviceOver(change)))
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
        const { log, running } = yield* start(database, {}, account.address)
        yield* Effect.gen(function* () {
          yield* eventually(
            Effect.sync(() => log.messages.some((line) => line.includes("right TRIGGER"))),
            "10 seconds"
          )
          yield* assertRight
          const statements = log.messages.flatMap((line) => /CREATE TRIGGER .*/.exec(line) ?? [])
          assert.lengthOf(statements, 9)
          // A DBA does what the log says, and grants what it takes to see it. The service looks again by itself.
          for (const statement of statements) yield* query(statement)
          for (const table of ["users", "payments", "subscriptions"]) yield* account.grant(`TRIGGER ON db.${table}`)
          yield* untilFacts("45 seconds")
          yield* insertPayment(database.connection, "new")
          yield* assertRight
        }).pipe(Effect.provideService(TestService, running))
      }),
    90_000
  )

  it.live("with FACTS=false nothing is made, and the figures are right", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* figuresSource, "direct")
      yield* assertRight
      assert.deepStrictEqual(yield* query("SHOW TRIGGERS"), [])
      assert.isTrue(yield* says(/FACTS=false/))
    }).pipe(Effect.provide(serviceOver(undefined, { facts: false })))
  )
})

const withFacts = serviceOver().pipe(Layer.tap((running) => Effect.provide(untilFacts(), running)))

describe("facts", () => {
  it.scopedLive("a write shows in the next answer, one that is taken back never", () =>
    Effect.gen(function* () {
      const { database } = yield* TestService
      const before = yield* sources
      const writer = yield* connect(database.address)
      yield* Effect.promise(() => writer.query("BEGIN"))
      yield* insertPayment(writer, "taken back")
      yield* assertRight
      yield* Effect.promise(() => writer.query("ROLLBACK"))
      yield* assertRight
      yield* insertPayment(database.connection, "stays")
      yield* assertRight
      yield* checkAll
      const after = yield* sources
      assert.strictEqual(after.rows, before.rows)
      assert.isAbove(after.facts, before.facts)
    }).pipe(Effect.provide(withFacts))
  )

  it.live("rows without a user, of a user whom one renumbers, and of a bot that has none yet", () =>
    Effect.gen(function* () {
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
        yield* query(step)
        yield* assertRight
      }
      yield* checkAll
    }).pipe(Effect.provide(withFacts))
  )

  it.live("TRUNCATE fires no trigger: the next answer is right all the same, and the facts are built anew", () =>
    Effect.gen(function* () {
      const { database } = yield* TestService
      for (const table of ["payments", "subscriptions", "users"]) {
        yield* query(`TRUNCATE TABLE ${table}`)
        yield* assertRight
      }
      assert.isTrue(yield* says(/changed without its triggers/))
      yield* untilKeptRight
      yield* untilFacts()
      yield* insertPayment(database.connection, "after")
      yield* assertRight
    }).pipe(Effect.provide(withFacts))
  )

  it.live(
    "a dump that is restored takes the triggers away: they are made again, and the facts built anew",
    () =>
      Effect.gen(function* () {
        const { database } = yield* TestService
        yield* query(`CREATE TABLE restored LIKE payments; INSERT INTO restored SELECT * FROM payments;
          DROP TABLE payments; RENAME TABLE restored TO payments`)
        yield* insertPayment(database.connection, "unseen")
        yield* eventually(
          Effect.map(query("SHOW TRIGGERS LIKE 'payments'"), (triggers) => triggers.length === 3),
          "15 seconds"
        )
        yield* untilKeptRight
        yield* untilFacts()
        yield* assertRight
      }).pipe(Effect.provide(withFacts)),
    60_000
  )

  it.live("our own tables are dropped: writers go on, and the figures are right", () =>
    Effect.gen(function* () {
      const { database } = yield* TestService
      yield* query("DROP TABLE bot_analytics_marks, bot_analytics_days")
      yield* insertPayment(database.connection, "unmarked")
      yield* assertRight
      yield* eventually(
        Effect.map(figuresSource, (source) => source === "direct"),
        "15 seconds"
      )
      yield* assertRight
    }).pipe(Effect.provide(withFacts))
  )

  it.scopedLive("two instances: both are right, whoever of them folds", () =>
    Effect.gen(function* () {
      const { database } = yield* TestService
      const other = yield* start(database)
      const onOther = Effect.provideService(TestService, other.running)
      yield* untilFacts().pipe(onOther)
      for (let i = 0; i < 20; i++) {
        yield* insertPayment(database.connection, `b${i}`, 100 + i)
        yield* Effect.all([assertRight, assertRight.pipe(onOther)], { concurrency: 2 })
      }
      yield* checkAll
    }).pipe(Effect.provide(withFacts))
  )

  it.live("what is kept wrongly is found by the check, and mended by building anew", () =>
    Effect.gen(function* () {
      yield* query("UPDATE bot_analytics_totals SET n = n + 1 WHERE metric = 'user'")
      assert.match((yield* differences).join(), /^total user .*: kept 5.*should be 4/)
      yield* query("DELETE FROM bot_analytics_bots")
      yield* assertRight
      yield* untilKeptRight
    }).pipe(Effect.provide(withFacts))
  )
})
