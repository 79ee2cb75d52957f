import { spawn } from "node:child_process"
import * as SqlClient from "@effect/sql/SqlClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import { migrations } from "../../migrations/index.js"
import { connect, migrate, rowsOf, schemaOf, until } from "../testing/Database.js"
import { makeDatabase, type TestDatabase } from "../testing/Service.js"
import { createTable } from "./Ddl.js"
import type { Migration, MigrationFile } from "./Migrator.js"

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
        "admins",
        "bot_analytics_bots",
        "bot_analytics_days",
        "bot_analytics_marks",
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
