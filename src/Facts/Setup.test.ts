import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { BOT } from "../testing/BotRows.js"
import type { capturedLog } from "../testing/CapturedLog.js"
import { query, request } from "../testing/Client.js"
import { connect, limitedAccount, migrate } from "../testing/Database.js"
import { eventually } from "../testing/Eventually.js"
import { readiness, sources, untilFacts } from "../testing/Facts.js"
import { checkAll, differences } from "../testing/FactsCheck.js"
import { serverKind } from "../testing/Logged.js"
import { assertRight, insertPayment, makeBots, start } from "../testing/Scene.js"
import { type Settings, TestService } from "../testing/Service.js"

/** Facts in databases that have them, can't have them, or lose them. */

const untilKeptRight = eventually(
  Effect.map(differences, (found) => found.length === 0),
  "20 seconds"
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
  ]
]

const CASCADE = `CREATE TABLE people (id BIGINT PRIMARY KEY); INSERT INTO people VALUES (11), (12);
  ALTER TABLE subscriptions ADD CONSTRAINT of_user FOREIGN KEY (user_id) REFERENCES people (id) ON DELETE CASCADE`

/** What the service of a test says. */
class Log extends Context.Tag("app/testing/Log")<Log, ReturnType<typeof capturedLog>>() {}

/** A service over these tables, and its log. */
const serviceOver = (change?: string, settings?: Partial<Settings>, afterMigration?: string) =>
  Layer.scopedContext(
    Effect.gen(function* () {
      const database = yield* makeBots(change)
      if (afterMigration !== undefined) {
        yield* migrate(database.address)
        yield* Effect.promise(() => database.connection.query(afterMigration))
      }
      const { log, running } = yield* start(database, settings)
      return Context.make(TestService, running).pipe(Context.add(Log, log))
    })
  )

const says = (pattern: RegExp) => Effect.map(Log, ({ messages }) => messages.some((message) => pattern.test(message)))

describe("a database that can't have facts", () => {
  for (const [name, change, reason] of OBSTACLES) {
    it.live(`for ${name}: the log and /readyz say why and what mends it, and the figures are right`, () =>
      Effect.gen(function* () {
        const { database } = yield* TestService
        yield* eventually(says(reason), "10 seconds")
        const { figures, reasons, remedy } = yield* readiness
        assert.strictEqual(figures, "rows")
        assert.match(reasons.join(), reason)
        // Nothing that can be pasted makes a table of a view.
        assert.strictEqual(remedy === null, name === "a view")
        yield* assertRight
        yield* insertPayment(database.connection, "new")
        yield* assertRight
      }).pipe(Effect.provide(serviceOver(change)))
    )
  }

  it.live("for a foreign key that deletes: MySQL logs what it does, and MariaDB does not", () =>
    Effect.gen(function* () {
      if (serverKind === "mysql") yield* untilFacts()
      else yield* eventually(says(/of_user changes rows of subscriptions, which the server does not log/), "10 seconds")
      yield* assertRight
      yield* query("DELETE FROM people WHERE id = 11")
      yield* assertRight
    }).pipe(Effect.provide(serviceOver(CASCADE)))
  )

  it.live("all reasons are said at once, and what mends them can be pasted: figures are facts within seconds", () =>
    Effect.gen(function* () {
      yield* eventually(says(/users has no index.*payments is kept by MyISAM/), "10 seconds")
      const { reasons, remedy } = yield* readiness
      assert.lengthOf(reasons, 2)
      yield* query(remedy ?? "")
      yield* untilFacts()
      yield* assertRight
    }).pipe(
      Effect.provide(
        serviceOver(
          "ALTER TABLE payments ENGINE = MyISAM",
          { migrateOnStart: true },
          "ALTER TABLE users DROP INDEX users_bot_user"
        )
      )
    )
  )

  it.scopedLive(
    "since the account may not read the log: each right that comes is seen within seconds",
    () =>
      Effect.gen(function* () {
        const database = yield* makeBots()
        const account = yield* limitedAccount(database, ["ALL ON db.*"])
        const { running } = yield* start(database, { facts: "on" }, account.address)
        yield* Effect.gen(function* () {
          const rights = /lacks one of the rights REPLICATION SLAVE/
          yield* eventually(
            Effect.map(readiness, ({ reasons }) => reasons.some((reason) => rights.test(reason))),
            "10 seconds"
          )
          const before = yield* request("/readyz")
          assert.strictEqual(before.status, 503)
          assert.strictEqual(before.json.figures, "rows")
          assert.match(before.json.remedy, /^GRANT /m)
          yield* assertRight
          for (const statement of String(before.json.remedy).split("\n")) yield* query(statement)
          yield* untilFacts()
          assert.strictEqual((yield* request("/readyz")).status, 200)
          yield* insertPayment(database.connection, "new")
          yield* assertRight
          yield* query(`REVOKE REPLICATION SLAVE ON *.* FROM ${account.address.username}`)
          yield* insertPayment(database.connection, "newer")
          yield* assertRight
        }).pipe(Effect.provideService(TestService, running))
      }),
    60_000
  )

  it.live("with FACTS=off nobody reads the log, and the figures are right", () =>
    Effect.gen(function* () {
      const { figures, reasons } = yield* readiness
      assert.deepStrictEqual([figures, reasons], ["rows", ["FACTS=off"]])
      yield* assertRight
      assert.isTrue(yield* says(/FACTS=off/))
    }).pipe(Effect.provide(serviceOver(undefined, { facts: "off" })))
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

  /** What changes rows and shows no row in the log: right in the next answer, whatever else is written, and built anew. */
  const DEFINITIONS: ReadonlyArray<readonly [string, ReadonlyArray<string>]> = [
    ["TRUNCATE", ["TRUNCATE TABLE payments", "TRUNCATE TABLE subscriptions", "TRUNCATE TABLE users"]],
    [
      "a partition that is dropped",
      [
        "ALTER TABLE payments DROP PRIMARY KEY, ADD PRIMARY KEY (bill_id, date)",
        "ALTER TABLE payments PARTITION BY RANGE (YEAR(date)) (PARTITION old VALUES LESS THAN (2027), PARTITION new VALUES LESS THAN (9999))",
        "ALTER TABLE payments DROP PARTITION old"
      ]
    ],
    [
      "tables that are swapped",
      [
        "CREATE TABLE swapped LIKE payments",
        "RENAME TABLE payments TO payments_old, swapped TO payments",
        "RENAME TABLE payments TO swapped, payments_old TO payments"
      ]
    ],
    [
      "a table that is loaded from a dump",
      [
        "CREATE TABLE restored LIKE payments; INSERT INTO restored SELECT * FROM payments; DROP TABLE payments; RENAME TABLE restored TO payments"
      ]
    ],
    ["values that are rewritten", ["ALTER TABLE payments MODIFY amount INT NOT NULL"]],
    [
      "a foreign key that comes and goes",
      [
        CASCADE,
        "DELETE FROM people WHERE id = 12",
        "ALTER TABLE subscriptions DROP FOREIGN KEY of_user",
        "DELETE FROM people"
      ]
    ],
    [
      "statements in the place of rows",
      [
        "SET SESSION binlog_format = 'STATEMENT'; UPDATE payments SET amount = amount + 1; SET SESSION binlog_format = 'ROW'"
      ]
    ],
    [
      "rows without their ids",
      [
        "SET SESSION binlog_row_image = 'MINIMAL'; UPDATE payments SET amount = amount + 1; SET SESSION binlog_row_image = 'FULL'"
      ]
    ]
  ]

  for (const [name, steps] of DEFINITIONS) {
    it.live(`${name}: the next answer is right, and the facts are built anew`, () =>
      Effect.gen(function* () {
        const { database } = yield* TestService
        for (const [i, step] of steps.entries()) {
          yield* query(step)
          yield* assertRight
          // A busy bot: there is always something to fold.
          yield* insertPayment(database.connection, `after-${i}`)
          yield* assertRight
        }
        assert.isTrue(yield* says(/are in doubt: (everything|payments|subscriptions|users): /))
        yield* untilKeptRight
        yield* untilFacts()
        yield* assertRight
      }).pipe(Effect.provide(withFacts))
    )
  }

  it.live("a column of another type: what is kept is worked out by it", () =>
    Effect.gen(function* () {
      const revenue = Effect.map(
        query(
          "SELECT CAST(SUM(amount) AS CHAR) AS amount FROM bot_analytics_totals WHERE bot_id = ? AND metric = 'revenue'",
          [BOT]
        ),
        ([row]) => row?.amount
      )
      for (const type of ["FLOAT", "VARCHAR(32)", "DOUBLE", "DECIMAL(20,8)"]) {
        yield* query(`ALTER TABLE payments MODIFY amount ${type} NOT NULL`)
        // Two changes of one user: a float's digits would be there.
        yield* query("UPDATE payments SET amount = amount + 1 WHERE bill_id = 'B-2'")
        yield* query("UPDATE payments SET amount = 199.99 WHERE bill_id = 'B-2'")
        yield* untilKeptRight
        yield* eventually(
          Effect.map(revenue, (kept) => kept === "199.99000001"),
          "20 seconds"
        )
      }
      yield* untilFacts()
    }).pipe(Effect.provide(withFacts))
  )

  it.live("our own tables are dropped: writers go on, the figures are right, and /readyz says so", () =>
    Effect.gen(function* () {
      const { database } = yield* TestService
      yield* query("DROP TABLE bot_analytics_days, bot_analytics_totals")
      yield* insertPayment(database.connection, "unseen")
      yield* assertRight
      yield* eventually(
        Effect.map(
          readiness,
          ({ reasons }) => reasons.filter((reason) => /own table .* is missing/.test(reason)).length === 2
        ),
        "15 seconds"
      )
      yield* assertRight
      // What is left of the others is not believed.
      yield* query((yield* readiness).remedy ?? "")
      yield* untilFacts()
      yield* assertRight
      yield* checkAll
    }).pipe(Effect.provide(withFacts))
  )

  it.live("with one connection for requests: they have it, whoever keeps the figures", () =>
    Effect.gen(function* () {
      const { database } = yield* TestService
      yield* untilFacts()
      for (const bill of ["first", "second"]) {
        yield* insertPayment(database.connection, bill)
        yield* assertRight
        yield* checkAll
      }
      assert.match((yield* request("/metrics")).text, /^database_pool_connections\{state="in_use"\} 0$/m)
    }).pipe(Effect.provide(serviceOver(undefined, { poolSize: 1 })))
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
      yield* query("DELETE FROM bot_analytics_kept")
      yield* assertRight
      yield* untilKeptRight
    }).pipe(Effect.provide(withFacts))
  )
})
