import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FC from "effect/FastCheck"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { Connection } from "mysql2/promise"
import type { DatabaseAddress } from "../../Config.js"
import { BOT } from "../../testing/BotRows.js"
import type { capturedLog } from "../../testing/CapturedLog.js"
import { query, request } from "../../testing/Client.js"
import { connect } from "../../testing/Database.js"
import { eventually } from "../../testing/Eventually.js"
import { untilFacts } from "../../testing/Facts.js"
import { checkAll } from "../../testing/FactsCheck.js"
import { serverKind } from "../../testing/Logged.js"
import { forAll } from "../../testing/Properties.js"
import { assertRight, makeBots, start } from "../../testing/Scene.js"
import { type TestDatabase, TestService } from "../../testing/Service.js"
import { makeTcpProxy } from "../../testing/TcpProxy.js"
import { AuditPace } from "./Auditor.js"

/** What no log shows is found all the same, and nothing else is. */

const FAST = { every: Duration.millis(50), slice: Duration.millis(200), rests: 1, rest: Duration.millis(10) }

class Log extends Context.Tag("app/testing/Log")<Log, ReturnType<typeof capturedLog>>() {}

/** A service that audits at this pace, once it has facts, as what a test asks for. */
const auditing = (
  database: TestDatabase,
  pace: Context.Tag.Service<AuditPace> = FAST,
  logDatabase: DatabaseAddress = database.address
) =>
  Effect.gen(function* () {
    const under = Layer.succeed(AuditPace, pace)
    const { log, running } = yield* start(database, { logDatabase }, database.address, under)
    const context = Context.make(TestService, running).pipe(Context.add(Log, log))
    yield* Effect.provide(untilFacts(), context)
    return context
  })

/** A service over the bots' rows, whose audit does not rest for long. */
const audited = Layer.scopedContext(Effect.flatMap(makeBots(), (database) => auditing(database)))

const warnings = Effect.map(Log, ({ lines }) =>
  lines.filter(({ level, message }) => level === "WARN" && message.includes("not what its rows say"))
)

const untilWarned = eventually(
  Effect.map(warnings, (lines) => lines.length > 0),
  "10 seconds"
)

/** A session whose changes are in no log. */
const unlogged = Effect.flatMap(TestService, ({ database }) => connect(database.address)).pipe(
  Effect.tap((connection) => Effect.promise(() => connection.query("SET sql_log_bin = 0")))
)

const run = (connection: Connection, statement: string) => Effect.promise(() => connection.query(statement))

const metric = (name: string) =>
  Effect.map(request("/metrics"), ({ text }) => {
    const found = text.split("\n").find((line) => line.startsWith(`${name} `))
    assert.isDefined(found, `no ${name}`)
    return Number(found?.split(" ").at(-1))
  })

const found = Effect.all({
  totals: metric('figures_audit_differences_total{kind="totals"}'),
  users: metric('figures_audit_differences_total{kind="users"}')
})

/** Waits until all bots have been audited as wholes once more. */
const untilAudited = Effect.gen(function* () {
  const since = Date.now()
  yield* eventually(
    Effect.gen(function* () {
      if ((yield* metric("figures_audit_bots_never")) > 0) return false
      return Date.now() - 1000 * (yield* metric("figures_audit_age_seconds")) > since
    }),
    "20 seconds"
  )
})

/** What is done to the rows behind the log's back, and what the service says of its size. */
const CHANGES: ReadonlyArray<readonly [string, string, RegExp]> = [
  [
    "an INSERT",
    `INSERT INTO payments (bill_id, user_id, bot_id, amount, currency, status, date)
     VALUES ('new', 4242, ${BOT}, 10.5, 'EUR', 'PAID', '2026-01-04 12:00:00')`,
    /bot 5 .*: (1 users, )?(revenue EUR \+1 \+10\.50000000, bill \+1|bill \+1, revenue EUR \+1 \+10\.50000000)\./
  ],
  ["a DELETE", `DELETE FROM users WHERE bot_id = ${BOT} AND user_id = 11`, /bot 5 .*: (1 users, )?user -3\./],
  [
    "an UPDATE of an amount",
    "UPDATE payments SET amount = amount + 1 WHERE bill_id = 'B-2'",
    /bot 5 .*: (1 users, )?revenue RUB \+1\.00000000\./
  ],
  [
    "an UPDATE of a status",
    "UPDATE payments SET status = 'PENDING' WHERE bill_id = 'B-2'",
    /bot 5 .*: (1 users, )?revenue RUB -1 -199\.99000000\./
  ],
  ["an UPDATE of meta", `UPDATE payments SET meta = '{"kind": "key"}' WHERE bill_id = 'B-2'`, /bot 5 .*: 1 users\./],
  ["an UPDATE of a time", "UPDATE payments SET date = '2026-01-05' WHERE bill_id = 'B-2'", /bot 5 .*: 1 users\./],
  ["a move to another user", "UPDATE payments SET user_id = 12 WHERE bill_id = 'B-2'", /bot 5 .*: 2 users\./],
  [
    "an UPDATE of a subscription",
    "UPDATE subscriptions SET status = 'Expired' WHERE uid = 1",
    /bot 5 .*: (1 users, )?.*subscription active -1/
  ],
  [
    "a row of somebody new",
    `INSERT INTO subscriptions (uid, sub_uid, user_id, bot_id, status) VALUES (77, '', 0, ${BOT}, 'x')`,
    /bot 5 .*: (1 users, )?subscription x \+1\./
  ],
  [
    "our own sums",
    `UPDATE bot_analytics_totals SET n = n + 1 WHERE metric = 'user' AND bot_id = ${BOT}`,
    /bot 5 .*: user -1\./
  ],
  ["our own users", `DELETE FROM bot_analytics_users WHERE bot_id = ${BOT} AND user_id = 11`, /bot 5 .*: 1 users, /]
]

describe("what is in no log", () => {
  for (const [name, statement, size] of CHANGES) {
    it.scopedLive(`${name} is found, with its size; the next answer is right, and the facts are built anew`, () =>
      Effect.gen(function* () {
        const dba = yield* unlogged
        yield* run(dba, statement)
        yield* untilWarned
        yield* assertRight
        yield* untilFacts()
        yield* assertRight
        yield* checkAll
        yield* untilAudited
        const [line, ...others] = yield* warnings
        assert.match(line?.message ?? "", size)
        assert.lengthOf(others, 0)
        const { totals, users } = yield* found
        assert.strictEqual(totals + users, 1)
      }).pipe(Effect.provide(audited))
    )
  }

  it.scopedLive("a cascade of a foreign key that came and went unseen", () =>
    Effect.gen(function* () {
      const dba = yield* unlogged
      yield* run(dba, "CREATE TABLE people (id BIGINT PRIMARY KEY)")
      yield* run(dba, "INSERT INTO people VALUES (11), (12)")
      yield* run(
        dba,
        "ALTER TABLE subscriptions ADD CONSTRAINT of_user FOREIGN KEY (user_id) REFERENCES people (id) ON DELETE CASCADE"
      )
      yield* query("DELETE FROM people WHERE id = 12")
      yield* run(dba, "ALTER TABLE subscriptions DROP FOREIGN KEY of_user")
      if (serverKind === "mariadb") {
        yield* untilWarned
      }
      yield* assertRight
      yield* untilFacts()
      yield* checkAll
    }).pipe(Effect.provide(audited))
  )

  const rewrite: FC.Arbitrary<string> = FC.oneof(
    FC.nat(99).map((n) => `UPDATE payments SET amount = ${n} ORDER BY bill_id LIMIT ${1 + (n % 2)}`),
    FC.nat(2).map((n) => `UPDATE payments SET user_id = ${10 + n}`),
    FC.constantFrom("PAID", "x").map(
      (status) => `UPDATE payments SET status = '${status}' ORDER BY date, amount LIMIT 1`
    ),
    FC.nat(30).map(
      (n) => `REPLACE INTO users (uid, user_id, bot_id, reg_date) VALUES (${n}, ${n % 5}, ${BOT}, '2026-01-${n + 1}')`
    ),
    FC.nat(30).map((n) => `DELETE FROM users WHERE uid = ${n}`),
    FC.nat(3).map((n) => `UPDATE subscriptions SET status = 's${n}', user_id = ${n}`),
    FC.constant("UPDATE subscriptions SET meta = NULL")
  )

  it.scopedLive(
    "whatever it is: in the end all is right",
    () =>
      Effect.gen(function* () {
        const dba = yield* unlogged
        yield* forAll(FC.array(rewrite, { minLength: 1, maxLength: 4 }), 15, (statements) =>
          Effect.gen(function* () {
            for (const statement of statements) yield* run(dba, statement)
            yield* untilAudited
            yield* untilFacts()
            yield* assertRight
          })
        )
        yield* checkAll
      }).pipe(Effect.provide(audited)),
    120_000
  )
})

describe("the audit", () => {
  it.scopedLive(
    "says nothing while eight write and nothing is wrong",
    () =>
      Effect.gen(function* () {
        const { database } = yield* TestService
        let isOver = false
        const writer = (id: number): Effect.Effect<void, never, Scope.Scope> =>
          Effect.gen(function* () {
            const connection = yield* connect(database.address)
            for (let i = 0; !isOver; i++) {
              const user = 1 + ((i * 7 + id) % 40)
              yield* run(
                connection,
                i % 3 === 0
                  ? `INSERT INTO payments (bill_id, user_id, bot_id, amount, currency, status, date)
                     VALUES ('w${id}-${i}', ${user}, ${BOT}, ${i % 100}, 'RUB', 'PAID', '2026-01-04 12:00:00')`
                  : i % 3 === 1
                    ? `UPDATE payments SET amount = amount + 1, status = IF(status = 'PAID', 'x', 'PAID') WHERE bill_id = 'w${id}-${i - 1}'`
                    : `DELETE FROM payments WHERE bill_id = 'w${id}-${i - 5}'`
              )
            }
          })
        const writing = yield* Effect.fork(
          Effect.scoped(
            Effect.all(
              Array.from({ length: 8 }, (_, id) => writer(id)),
              { concurrency: 8 }
            )
          )
        )
        for (let i = 0; i < 20; i++) yield* untilAudited
        isOver = true
        yield* writing
        yield* checkAll
        assert.deepStrictEqual(yield* warnings, [])
        assert.deepStrictEqual(yield* found, { totals: 0, users: 0 })
      }).pipe(Effect.provide(audited)),
    90_000
  )

  it.scopedLive(
    "waits for a log that is slower than the rows, and says nothing",
    () =>
      Effect.gen(function* () {
        const database = yield* makeBots()
        const proxy = yield* makeTcpProxy(database.address.port)
        const late = { ...database.address, host: "127.0.0.1", port: proxy.port }
        const context = yield* auditing(database, FAST, late)
        yield* Effect.gen(function* () {
          const bot = yield* connect(database.address)
          for (let i = 0; i < 60; i++) {
            proxy.hold()
            yield* run(bot, `UPDATE payments SET amount = ${i} WHERE bill_id = 'B-2'`)
            yield* run(
              bot,
              `INSERT INTO users (user_id, bot_id, reg_date) VALUES (${5000 + i}, ${BOT}, '2026-01-04 12:00:00')`
            )
            yield* Effect.sleep("100 millis")
            proxy.release()
            yield* Effect.sleep("20 millis")
          }
          yield* untilAudited
          assert.deepStrictEqual(yield* warnings, [])
          assert.deepStrictEqual(yield* found, { totals: 0, users: 0 })
          yield* checkAll
        }).pipe(Effect.provide(context))
      }),
    60_000
  )

  it.scopedLive("goes on after a restart where it was, and what was found is still known", () =>
    Effect.gen(function* () {
      const database = yield* makeBots()
      const users = Array.from({ length: 300 }, (_, id) => `(${1000 + id}, ${1000 + id}, ${BOT}, '2026-01-04')`)
      yield* Effect.promise(() =>
        database.connection.query(`INSERT INTO users (uid, user_id, bot_id, reg_date) VALUES ${users.join(", ")}`)
      )
      const slow = { ...FAST, rest: Duration.millis(600) }
      const row = Effect.map(
        query(`SELECT CAST(passed_to AS SIGNED) AS passed, audited_at, totals_found + users_found AS found
          FROM bot_analytics_audits WHERE bot_id = ${BOT}`),
        ([one]) => one
      )
      const passed = Effect.map(row, (one) => Number(one?.passed ?? 0))
      const stoppedAt = yield* Effect.gen(function* () {
        const dba = yield* unlogged
        yield* run(dba, `UPDATE bot_analytics_totals SET n = n + 1 WHERE metric = 'user' AND bot_id = ${BOT}`)
        yield* untilWarned
        yield* untilFacts()
        yield* eventually(
          Effect.map(passed, (user) => user > 1000),
          "20 seconds"
        )
        return yield* passed
      }).pipe(Effect.provide(Layer.scopedContext(auditing(database, slow))), Effect.scoped)
      yield* Effect.gen(function* () {
        const seen: Array<number> = []
        yield* eventually(
          Effect.map(row, (one) => {
            if (one?.passed !== null) seen.push(Number(one?.passed))
            return one?.audited_at !== null
          }),
          "20 seconds"
        )
        assert.isAtLeast(Math.min(...seen), stoppedAt)
        yield* untilAudited
        const { totals, users } = yield* found
        assert.strictEqual(totals + users, 1)
      }).pipe(Effect.provide(Layer.scopedContext(auditing(database, slow))))
    })
  )

  it.scopedLive("does without its table, where the account may not make it", () =>
    Effect.gen(function* () {
      yield* query("DROP TABLE bot_analytics_audits")
      const dba = yield* unlogged
      yield* untilAudited
      yield* run(dba, "UPDATE payments SET amount = amount + 1 WHERE bill_id = 'B-2'")
      yield* untilWarned
      yield* assertRight
      yield* untilFacts()
      yield* checkAll
      const { totals, users } = yield* found
      assert.strictEqual(totals + users, 1)
    }).pipe(Effect.provide(audited))
  )
})
