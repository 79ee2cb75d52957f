import { SqlError } from "@effect/sql/SqlError"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as LogLevel from "effect/LogLevel"
import { migrations } from "../../migrations/index.js"
import { createBotTables } from "../../tools/bots/Load.js"
import { AppConfig } from "../Config.js"
import { MigrationError } from "../Database/Migrator.js"
import { Readiness } from "../Database/Readiness.js"
import { capturedLog } from "../testing/CapturedLog.js"
import { migrate, until } from "../testing/Database.js"
import { makeDatabase, type Settings, settingsFor, type TestDatabase } from "../testing/Service.js"
import { DatabaseLive } from "./DatabaseLive.js"
import { retryDelay } from "./Startup.js"

const readinessOf = ({ address }: TestDatabase, changes: Partial<Settings>) =>
  Effect.gen(function* () {
    const log = capturedLog()
    const settings = settingsFor(address, { logLevel: LogLevel.Info, ...changes })
    const context = yield* Layer.build(
      DatabaseLive.pipe(Layer.provide(Layer.succeed(AppConfig, settings)), Layer.provide(log.layer))
    )
    const { state } = Context.get(context, Readiness)
    const isReady = async () => (await Effect.runPromise(state))._tag === "Ready"
    return { isReady, state, log: log.messages } as const
  })

describe("Readiness", () => {
  it.scopedLive("with MIGRATE_ON_START=false waits until somebody has migrated, and says so once", () =>
    Effect.gen(function* () {
      const database = yield* makeDatabase
      const { isReady, log, state } = yield* readinessOf(database, { migrateOnStart: false })
      yield* Effect.sleep(1_200)
      assert.deepStrictEqual(yield* state, {
        _tag: "Waiting",
        reason: `the database lacks ${migrations.map(({ name }) => name).join(", ")}; run \`npm run migrate\`, or set MIGRATE_ON_START=true`
      })
      assert.lengthOf(log, 1)
      yield* migrate(database.address)
      yield* Effect.promise(() => until(isReady, 2_000))
      assert.strictEqual(log.at(-1), "Ready")
    })
  )

  it.scopedLive(
    "a table without a column that is needed keeps it waiting, with the column's name, until it is there",
    () =>
      Effect.gen(function* () {
        const database = yield* makeDatabase
        yield* Effect.promise(async () => {
          await createBotTables(database.connection)
          await database.connection.query("ALTER TABLE payments DROP COLUMN currency")
        })
        const { isReady, log, state } = yield* readinessOf(database, {})
        yield* Effect.promise(() =>
          until(async () => (await Effect.runPromise(state))._tag === "Waiting" && log.length > 1, 5_000)
        )
        yield* Effect.promise(() =>
          until(
            () =>
              log.some((line) =>
                line.includes("the bots' tables lack payments.currency, without which nothing can be read")
              ),
            5_000
          )
        )
        assert.isFalse(yield* Effect.promise(isReady))
        yield* Effect.promise(() =>
          database.connection.query("ALTER TABLE payments ADD COLUMN currency VARCHAR(16) NOT NULL DEFAULT 'RUB'")
        )
        yield* Effect.promise(() => until(isReady, 2_000))
      })
  )

  it.scopedLive("a migration that fails each time is said once, with its reason", () =>
    Effect.gen(function* () {
      const database = yield* makeDatabase
      yield* Effect.promise(() =>
        database.connection.query(
          "CREATE TABLE bot_analytics_migrations (id INT PRIMARY KEY, name INT, applied_at INT, complete INT)"
        )
      )
      const { log, state } = yield* readinessOf(database, {})
      yield* Effect.sleep(1_500)
      assert.strictEqual((yield* state)._tag, "Waiting")
      assert.lengthOf(log, 1)
      assert.match(log[0] ?? "", /^Not ready: .*column .*name.*Trying again until it is$/)
    })
  )

  it.scopedLive("a database in which a newer version was at work is said to be so, and used", () =>
    Effect.gen(function* () {
      const database = yield* makeDatabase
      yield* migrate(database.address)
      yield* Effect.promise(() =>
        database.connection.query("INSERT INTO bot_analytics_migrations VALUES (9001, '9001_of_tomorrow', NOW(), 1)")
      )
      for (const migrateOnStart of [true, false]) {
        const { isReady, log } = yield* readinessOf(database, { migrateOnStart })
        yield* Effect.promise(() => until(isReady, 5_000))
        assert.isTrue(log.some((line) => line.includes("A newer version of the service") && line.includes("9001_of")))
      }
    })
  )

  it("tries again soon what only waiting can mend, and less and less often what fails each time", () => {
    const delays = (error: Parameters<typeof retryDelay>[0]) =>
      [0, 1, 2, 5, 9, 1000].map((failures) => Duration.toMillis(retryDelay(error, failures)))
    const down = new SqlError({ message: "x", cause: { code: "ECONNREFUSED" } })
    const wrong = new SqlError({ message: "x", cause: { errno: 1064 } })
    assert.deepStrictEqual(delays(down), [200, 400, 500, 500, 500, 500])
    assert.deepStrictEqual(delays(new MigrationError({ message: "x", cause: down })), delays(down))
    assert.deepStrictEqual(delays(wrong), [200, 400, 800, 6_400, 30_000, 30_000])
    assert.deepStrictEqual(delays(new MigrationError({ message: "x", cause: wrong })), delays(wrong))
  })
})
