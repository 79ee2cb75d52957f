import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as LogLevel from "effect/LogLevel"
import { BOT, DATA, OWNER } from "../testing/BotRows.js"
import { filledBotTables } from "../testing/Bots.js"
import { capturedLog } from "../testing/CapturedLog.js"
import { failingRoutes, until } from "../testing/Database.js"
import { makeDatabase, settingsFor, startService, type TestResponse } from "../testing/Service.js"

/** What can't be read right keeps the service from being ready, and is named with the view that does it. */

interface Case {
  readonly name: string
  /** What the bots' software did. */
  readonly change: string
  readonly reason: string
  /** What the view makes of it. */
  readonly path: string
  readonly right: (json: TestResponse["json"]) => unknown
  readonly expected: unknown
}

const dates = (json: TestResponse["json"]) => json.payments.map(({ date }: { readonly date: unknown }) => date)
const PAYMENTS = `/api/payments?bot_id=${BOT}`
const DATES = ["2026-01-03T10:00:00Z", "2026-01-03T10:00:00Z"]

/** A column of another type, with each of its values turned into one of these. */
const turned = (table: string, column: string, type: string, value: string) =>
  `ALTER TABLE ${table} ADD COLUMN turned ${type} NULL; UPDATE ${table} SET turned = ${value};
   ALTER TABLE ${table} DROP COLUMN \`${column}\`; ALTER TABLE ${table} RENAME COLUMN turned TO \`${column}\``

const CASES: ReadonlyArray<Case> = [
  {
    name: "a Unix time",
    change: turned("payments", "date", "INT", "TIMESTAMPDIFF(SECOND, '1970-01-01', date)"),
    reason: "payments.date is an INT",
    path: PAYMENTS,
    right: dates,
    expected: DATES
  },
  {
    name: "a Unix time in milliseconds",
    change: turned("payments", "date", "BIGINT", "TIMESTAMPDIFF(SECOND, '1970-01-01', date) * 1000"),
    reason: "payments.date is a BIGINT",
    path: PAYMENTS,
    right: dates,
    expected: DATES
  },
  {
    name: "a time as text, in the Russian way",
    change: turned("payments", "date", "VARCHAR(32)", "DATE_FORMAT(date, '%d.%m.%Y %H:%i')"),
    reason: "payments.date is a VARCHAR(32), and a DATETIME is needed",
    path: PAYMENTS,
    right: dates,
    expected: DATES
  },
  {
    name: "a time as text, in the server's way",
    change: turned("subscriptions", "stop_date", "TEXT", "'2026-02-01 00:00:00'"),
    reason: "subscriptions.stop_date is a TEXT, and a DATETIME is needed",
    path: `/api/subscriptions?bot_id=${BOT}`,
    right: (json) => json.subscriptions.map(({ stop_date }: { readonly stop_date: unknown }) => stop_date),
    expected: ["2026-02-01T00:00:00Z", "2026-02-01T00:00:00Z"]
  },
  {
    name: "money with a comma, in one of the rows",
    change: `ALTER TABLE payments MODIFY amount VARCHAR(32) NOT NULL; UPDATE payments SET amount = '149,50' WHERE bill_id = 'b-1'`,
    reason:
      "payments.amount is a VARCHAR(32) with texts that are no decimals, such as those with a comma, and a DECIMAL(20,8) is needed",
    path: `/api/bots/${BOT}/summary`,
    right: (json) => json.total_revenue,
    expected: 349.49
  },
  {
    name: "two at once",
    change: `${turned("users", "reg_date", "INT", "1767225600")}; ALTER TABLE bots MODIFY balance DATETIME NULL DEFAULT NULL`,
    reason:
      "bots.balance is a DATETIME, and a DECIMAL(20,8) is needed; users.reg_date is an INT, and a DATETIME is needed",
    path: `/api/users?bot_id=${BOT}`,
    right: (json) => json.users[0].reg_date,
    expected: "2026-01-01T00:00:00Z"
  }
]

describe("not ready for", () => {
  for (const { change, expected, name, path, reason, right } of CASES) {
    it.scopedLive(`${name}: named, with the view that does it`, () =>
      Effect.gen(function* () {
        const database = yield* makeDatabase
        yield* Effect.promise(async () => {
          await filledBotTables(DATA)(database)
          // Not for the values of a balance that become no time.
          if (change.includes("balance"))
            await database.connection.query("ALTER TABLE bots DROP COLUMN balance, ADD COLUMN balance INT NULL")
          await database.connection.query(change)
        })
        const log = capturedLog()
        const service = yield* startService(settingsFor(database.address, { logLevel: LogLevel.Info }), log.layer)
        const remedy = yield* Effect.promise(async () => {
          await until(async () => (await service.request("/readyz")).json?.remedy !== null, 20_000)
          const { json, status } = await service.request("/readyz")
          assert.strictEqual(status, 503)
          assert.include(json.message, reason)
          assert.include(json.reasons.join(), reason)
          const routes = await service.get(path, OWNER)
          assert.strictEqual(routes.status, 503)
          assert.include(routes.json.message, reason)
          assert.notInclude(routes.text, "CREATE VIEW")
          const line = log.messages.find((message) => message.includes(reason))
          assert.match(line ?? "", /^Not ready: .*CREATE VIEW bots_view\.\w+ AS SELECT [^\n]*$/)
          return String(json.remedy)
        })
        const views = `${database.address.database}_view`
        yield* Effect.acquireRelease(
          Effect.promise(() => database.connection.query(remedy.replaceAll("bots_view", views))),
          () => Effect.promise(() => database.connection.query(`DROP DATABASE ${views}`))
        )
        const over = yield* startService(settingsFor({ ...database.address, database: views }))
        yield* over.untilReady
        yield* Effect.promise(async () => {
          assert.deepStrictEqual(await failingRoutes(over, BOT, OWNER), [])
          assert.deepStrictEqual(right((await over.get(path, OWNER)).json), expected)
        })
      })
    )
  }

  it.scopedLive("a text that is no amount, and ready without a restart when it is one", () =>
    Effect.gen(function* () {
      const database = yield* makeDatabase
      const run = (statement: string) => Effect.promise(() => database.connection.query(statement))
      yield* Effect.promise(() => filledBotTables(DATA)(database))
      yield* run("ALTER TABLE payments MODIFY amount VARCHAR(32) NOT NULL; UPDATE payments SET amount = 'n/a'")
      const service = yield* startService(settingsFor(database.address))
      const statusIs = (wanted: number) =>
        Effect.promise(() => until(async () => (await service.request("/readyz")).status === wanted, 20_000))
      yield* statusIs(503)
      yield* run("UPDATE payments SET amount = '10.5'")
      yield* statusIs(200)
    })
  )
})

const READY_STAYS = { facts: ["auto", "off"] } as const

describe("a text amount that is none, written later,", () => {
  for (const facts of READY_STAYS.facts) {
    it.scopedLive(`costs its payment alone, with facts ${facts}`, () =>
      Effect.gen(function* () {
        const database = yield* makeDatabase
        yield* Effect.promise(async () => {
          await filledBotTables(DATA)(database)
          await database.connection.query("ALTER TABLE payments MODIFY amount VARCHAR(32) NOT NULL")
        })
        const log = capturedLog()
        const service = yield* startService(
          settingsFor(database.address, { facts, logLevel: LogLevel.Info }),
          log.layer
        )
        yield* service.untilReady
        yield* Effect.promise(async () => {
          if (facts === "auto") {
            await until(async () => (await service.request("/readyz")).json?.figures === "facts", 20_000)
          }
          const range = `/api/analytics?bot_id=${BOT}&start_date=2026-01-01&end_date=2026-01-31`
          const summaryOf = async () => (await service.get(`/api/bots/${BOT}/summary`, OWNER)).json
          const [days, before] = [(await service.get(range, OWNER)).json, await summaryOf()]
          assert.deepStrictEqual([before.total_revenue, before.average_check], [199.99000001, 99.995000005])
          for (const [i, amount] of ["149,50", "", "free", "1e5", "0x1A", "--1"].entries()) {
            await database.connection.query(
              `INSERT INTO payments (bill_id, user_id, bot_id, amount, currency, status, date)
               VALUES ('bad-${i}', 11, ${BOT}, '${amount}', 'RUB', 'PAID', '2026-01-04 12:00:00')`
            )
            assert.deepStrictEqual(await summaryOf(), before, amount)
          }
          assert.deepStrictEqual((await service.get(range, OWNER)).json, days)
          const { payments } = (await service.get(PAYMENTS, OWNER)).json
          assert.deepStrictEqual(
            payments.map(({ bill_id }: { readonly bill_id: string }) => bill_id),
            ["b-1", "B-2"]
          )
          assert.isTrue(log.messages.some((line) => /left out of the answers: A value of payments\.amount/.test(line)))
          // Also where nobody asks for the list.
          const isSaid = async () => {
            const { json, status } = await service.request("/readyz")
            assert.strictEqual(status, 200)
            return json.reasons.some((reason: string) =>
              reason.startsWith("payments.amount is a VARCHAR(32) with texts")
            )
          }
          await until(isSaid, 30_000)
          assert.isTrue(log.messages.some((line) => /with texts that are no decimals.*left out/.test(line)))
        })
      })
    )
  }
})
