import { spawn } from "node:child_process"
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import { migrations } from "../../migrations/index.js"
import { capturedLog } from "../testing/CapturedLog.js"
import { connect, makeClient, migrate, rowsOf, schemaOf, until } from "../testing/Database.js"
import { makeDatabase, type TestDatabase } from "../testing/Service.js"
import { addIndex, createTable } from "./Ddl.js"
import { type Migration, type MigrationFile, planned } from "./Migrator.js"

const ALL = migrations.map(({ name }) => name)

const file = (id: number, run: Migration): MigrationFile => ({ id, name: `000${id}_test`, run })
const table = (name: string): Migration => Effect.asVoid(createTable(name, "id INT PRIMARY KEY"))
const statement = (text: string): Migration =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => Effect.asVoid(sql.unsafe(text).unprepared))
/** Runs for 20 s on the server unless it is ended. */
const endless = statement("SET @t = (SELECT SLEEP(20) FROM DUAL)")

const tablesOf = async ({ connection }: TestDatabase) =>
  (
    await rowsOf(
      connection,
      "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY 1"
    )
  ).map(({ name }) => name)

const recorded = async ({ connection }: TestDatabase) =>
  (await rowsOf(connection, "SELECT id FROM bot_analytics_migrations ORDER BY id")).map(({ id }) => id)

const onServer = (database: TestDatabase, text: string) => async () =>
  (await rowsOf(database.connection, "SHOW PROCESSLIST")).some(
    ({ Info, db }) => db === database.address.database && String(Info).includes(text)
  )

describe("Migrator", () => {
  it.scopedLive("makes everything from nothing, and run again does nothing", () =>
    Effect.gen(function* () {
      const database = yield* makeDatabase
      const first = yield* migrate(database.address)
      assert.deepStrictEqual(first, { applied: ALL, gaps: [] })
      const schema = yield* Effect.promise(() => schemaOf(database.connection))
      assert.sameMembers(yield* Effect.promise(() => tablesOf(database)), [
        "bot_analytics_admins",
        "bot_analytics_audits",
        "bot_analytics_days",
        "bot_analytics_kept",
        "bot_analytics_leases",
        "bot_analytics_migrations",
        "bot_analytics_revenue",
        "bot_analytics_totals",
        "bot_analytics_users",
        "bots",
        "payments",
        "subscriptions",
        "users"
      ])
      assert.deepStrictEqual(yield* migrate(database.address), { applied: [], gaps: [] })
      // Even where somebody lost the record of it.
      yield* Effect.promise(() => database.connection.query("DELETE FROM bot_analytics_migrations"))
      assert.deepStrictEqual(yield* migrate(database.address), { applied: ALL, gaps: [] })
      assert.strictEqual(yield* Effect.promise(() => schemaOf(database.connection)), schema)
    })
  )

  it.scopedLive("of four at once one applies, and none returns before all is in", () =>
    Effect.gen(function* () {
      const database = yield* makeDatabase
      const run = Effect.gen(function* () {
        const { applied } = yield* migrate(database.address)
        return { applied, done: yield* Effect.promise(() => recorded(database)) }
      })
      const reports = yield* Effect.all([run, run, run, run], { concurrency: "unbounded" })
      assert.deepStrictEqual(reports.map(({ applied }) => applied.length).sort(), [0, 0, 0, ALL.length])
      for (const { done } of reports)
        assert.deepStrictEqual(
          done,
          migrations.map(({ id }) => id)
        )
    })
  )

  it.scopedLive("records nothing of a migration that fails, and runs no later one; mended, the rest is applied", () =>
    Effect.gen(function* () {
      const database = yield* makeDatabase
      const broken = file(2, Effect.zipRight(table("b1"), statement("CREATE TABLE b2 (nonsense)")))
      const failure = yield* Effect.flip(migrate(database.address, [file(1, table("a")), broken, file(3, table("c"))]))
      assert.strictEqual(failure._tag, "MigrationError")
      assert.strictEqual(failure.message, "The migration 0002_test failed")
      assert.deepStrictEqual(yield* Effect.promise(() => recorded(database)), [1])
      assert.notInclude(yield* Effect.promise(() => tablesOf(database)), "c")

      const mended = file(2, Effect.zipRight(table("b1"), table("b2")))
      const { applied } = yield* migrate(database.address, [file(1, table("a")), mended, file(3, table("c"))])
      assert.deepStrictEqual(applied, ["0002_test", "0003_test"])
      assert.includeMembers(yield* Effect.promise(() => tablesOf(database)), ["a", "b1", "b2", "c"])
    })
  )

  it.scopedLive("prints what it would run, runs none of it, and runs just that afterwards", () =>
    Effect.gen(function* () {
      const database = yield* makeDatabase
      const { sql } = yield* makeClient(database.address)
      const plan = Effect.provideService(planned(migrations), SqlClient.SqlClient, sql)
      const run = (statements: ReadonlyArray<string>) =>
        Effect.promise(async () => {
          for (const text of statements) await database.connection.query(text)
        })
      yield* run([
        "CREATE TABLE users (uid INT AUTO_INCREMENT PRIMARY KEY, user_id BIGINT, bot_id INT, reg_date DATETIME)",
        "CREATE TABLE bot_analytics_marks (bot_id BIGINT, id BIGINT, user_id DECIMAL(20,0))"
      ])
      const before = yield* Effect.promise(() => schemaOf(database.connection))
      const statements = yield* plan
      assert.strictEqual(yield* Effect.promise(() => schemaOf(database.connection)), before)
      assert.includeMembers(
        statements.map((text) => text.split(" ").slice(0, 6).join(" ")),
        [
          "CREATE TABLE IF NOT EXISTS payments",
          "ALTER TABLE users ADD COLUMN `username`",
          "ALTER TABLE payments ADD INDEX payments_bot_date",
          "DROP TRIGGER IF EXISTS bot_analytics_payments_insert",
          "DROP TABLE IF EXISTS bot_analytics_marks"
        ]
      )
      // What the new tables have already is not printed.
      assert.isFalse(statements.some((text) => /payments ADD COLUMN|payments_bill /.test(text)))

      yield* run(statements)
      const after = yield* Effect.promise(() => schemaOf(database.connection))
      assert.deepStrictEqual(yield* migrate(database.address), { applied: ALL, gaps: [] })
      const migrated = yield* Effect.promise(() => schemaOf(database.connection))
      assert.strictEqual(migrated, after)
      assert.deepStrictEqual(yield* plan, [])
    })
  )

  it.scopedLive("waits for a holder of the lease on another server, and not for a dead one on its own", () =>
    Effect.gen(function* () {
      const database = yield* makeDatabase
      yield* migrate(database.address, [])
      const hold = (owner: string, seconds: number) =>
        Effect.promise(() =>
          database.connection.query(
            `REPLACE INTO bot_analytics_leases (name, owner, until, token)
             VALUES ('migrations', ${owner}, UTC_TIMESTAMP(3) + INTERVAL ${seconds} SECOND, 'x')`
          )
        )
      assert.deepStrictEqual((yield* migrate(database.address, [file(1, table("a"))])).applied, ["0001_test"])
      yield* hold("CONCAT(LEFT(SHA2(CONCAT(@@hostname, ':', @@port), 256), 16), ' dead')", 60)
      assert.deepStrictEqual((yield* migrate(database.address, [file(2, table("b"))])).applied, ["0002_test"])
      yield* hold("'0123456789abcdef other'", 2)
      const [waited, { applied }] = yield* Effect.timed(migrate(database.address, [file(3, table("c"))]))
      assert.deepStrictEqual(applied, ["0003_test"])
      assert.isAtLeast(Duration.toMillis(waited), 1_500)
    })
  )

  it.scopedLive("told to stop while it waits for another, it stops at once", () =>
    Effect.gen(function* () {
      const database = yield* makeDatabase
      yield* migrate(database.address, [])
      yield* migrate(database.address, [file(1, table("a"))])
      const stops = Effect.gen(function* () {
        const waiting = yield* Effect.fork(migrate(database.address, [file(2, table("b"))]))
        yield* Effect.sleep("300 millis")
        const [stopped, exit] = yield* Effect.timed(Fiber.interrupt(waiting))
        assert.isTrue(Exit.isInterrupted(exit))
        assert.isBelow(Duration.toMillis(stopped), 1_500)
      })
      yield* Effect.promise(() =>
        database.connection.query(
          "UPDATE bot_analytics_leases SET owner = 'other', until = UTC_TIMESTAMP(3) + INTERVAL 1 HOUR"
        )
      )
      yield* stops
      yield* Effect.promise(() =>
        database.connection.query("DO GET_LOCK(CONCAT('bot_analytics:', LEFT(SHA2(DATABASE(), 256), 32)), 0)")
      )
      yield* stops
      assert.notInclude(yield* Effect.promise(() => tablesOf(database)), "b")
    })
  )

  it.scopedLive("ends when its lease was taken from it, before the next migration", () =>
    Effect.gen(function* () {
      const database = yield* makeDatabase
      const steal = Effect.zipRight(
        statement("UPDATE bot_analytics_leases SET owner = 'other', until = '2100-01-01'"),
        statement("SET @t = (SELECT SLEEP(5) FROM DUAL)")
      )
      const failure = yield* Effect.flip(migrate(database.address, [file(1, steal), file(2, table("late"))]))
      assert.strictEqual(failure.message, "Another instance migrates the database too")
      assert.notInclude(yield* Effect.promise(() => tablesOf(database)), "late")
    })
  )

  it.scopedLive("interrupted half way, it ends on the server too, frees the lock, and the next run converges", () =>
    Effect.gen(function* () {
      const database = yield* makeDatabase
      const running = yield* Effect.fork(migrate(database.address, [file(1, table("a")), file(2, endless)]))
      const busy = onServer(database, "SLEEP(20)")
      yield* Effect.promise(() => until(busy, 5_000))
      const exit = yield* Fiber.interrupt(running)
      assert.isTrue(Exit.isInterrupted(exit))
      yield* Effect.promise(() => until(async () => !(await busy()), 1_000))
      assert.deepStrictEqual(yield* Effect.promise(() => recorded(database)), [1])
      const { applied } = yield* migrate(database.address, [file(1, table("a")), file(2, table("b"))])
      assert.deepStrictEqual(applied, ["0002_test"])
    })
  )

  it.scopedLive("says how long a change of a table takes already, and goes on", () =>
    Effect.gen(function* () {
      const database = yield* makeDatabase
      yield* Effect.promise(async () => {
        await database.connection.query("CREATE TABLE users (uid INT AUTO_INCREMENT PRIMARY KEY, bot_id INT)")
        await database.connection.query("BEGIN; SELECT * FROM users")
      })
      const log = capturedLog()
      const running = yield* Effect.fork(
        Effect.provide(
          migrate(database.address, [
            file(1, addIndex({ table: "users", name: "users_bot", columns: ["bot_id"], cost: "it is slow" }))
          ]),
          log.layer
        )
      )
      // The lock is waited for up to 5 s.
      yield* Effect.promise(() => until(() => log.messages.some((line) => line.startsWith("Changing users")), 60_000))
      yield* Effect.promise(() => database.connection.query("COMMIT"))
      yield* Fiber.join(running)
      assert.match(
        log.messages.find((line) => line.startsWith("Changing users")) ?? "",
        /^Changing users, which has about 0 rows, for \d+ s by now: ALTER TABLE users ADD INDEX users_bot \(bot_id\)$/
      )
    })
  )

  it.scopedLive(
    "the migrate command, killed while it waits in a migration, leaves what the next one completes",
    () =>
      Effect.gen(function* () {
        const database = yield* makeDatabase
        const { database: name, host, password, port, username } = database.address
        const command = () =>
          spawn(process.execPath, ["--import", "tsx", "src/migrate.ts"], {
            env: {
              ...process.env,
              DATABASE_URL: `mysql://${username}:${encodeURIComponent(Redacted.value(password))}@${host}:${port}/${name}`
            },
            stdio: ["ignore", "pipe", "pipe"]
          })
        // A bot's open transaction holds up the first index of `users`.
        yield* Effect.promise(async () => {
          await database.connection.query(
            "CREATE TABLE users (uid INT AUTO_INCREMENT PRIMARY KEY, user_id BIGINT, bot_id INT, reg_date DATETIME)"
          )
          await database.connection.query("BEGIN; SELECT * FROM users")
        })
        const dba = yield* connect(database.address)
        const killed = command()
        yield* Effect.promise(async () => {
          await until(
            async () =>
              (await rowsOf(dba, "SHOW PROCESSLIST")).some(({ Info }) => /ALTER TABLE users/.test(String(Info))),
            45_000
          )
          killed.kill("SIGKILL")
          await new Promise((resolve) => killed.on("exit", resolve))
          await database.connection.query("COMMIT")
        })
        const output = yield* Effect.promise(async () => {
          const again = command()
          let text = ""
          again.stdout.on("data", (chunk) => (text += chunk))
          again.stderr.on("data", (chunk) => (text += chunk))
          const code = await new Promise((resolve) => again.on("close", resolve))
          return { code, text }
        })
        assert.strictEqual(output.code, 0, output.text)
        assert.include(output.text, "Applied 0005_create_facts")
        assert.include(output.text, "Figures can be kept up to date")
        assert.deepStrictEqual(yield* migrate(database.address), { applied: [], gaps: [] })
      }),
    // Two processes compile the sources as they start.
    90_000
  )
})
