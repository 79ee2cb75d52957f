import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as LogLevel from "effect/LogLevel"
import { createBotTables, loadRows } from "../../tools/bots/Load.js"
import { BOT, DATA, OWNER } from "../testing/BotRows.js"
import { capturedLog } from "../testing/CapturedLog.js"
import { failingRoutes, until } from "../testing/Database.js"
import { makeDatabase, settingsFor, startService } from "../testing/Service.js"

/**
 * The bots' software changes its tables beneath the running service. The first error that speaks of it makes the service
 * look at them again: an answer without what is optional comes next, and `/readyz` names what is needed and gone.
 */

/** Much less than the half minute between two looks by the clock. */
const SOON_MILLIS = 3_000

const running = (statements = "SELECT 1") =>
  Effect.gen(function* () {
    const database = yield* makeDatabase
    yield* Effect.promise(async () => {
      await createBotTables(database.connection)
      await loadRows(database.connection, DATA)
      await database.connection.query(statements)
    })
    const log = capturedLog()
    const service = yield* startService(
      settingsFor(database.address, { logLevel: LogLevel.Info, facts: "off" }),
      log.layer
    )
    yield* service.untilReady
    const failing = () => failingRoutes(service, BOT, OWNER)
    // Each statement is prepared by now, for the tables as they are.
    assert.deepStrictEqual(yield* Effect.promise(failing), [])
    return { service, log, failing, query: (statement: string) => database.connection.query(statement) }
  })

type Running = Effect.Effect.Success<ReturnType<typeof running>>

const answer = ({ service }: Running, path: string) => service.get(path, OWNER)

/** 503 for a moment, then 200: never a 500, and no line of the log says ERROR. */
const rightSoon = async (on: Running, path: string) => {
  const started = Date.now()
  for (;;) {
    const { json, status, text } = await answer(on, path)
    assert.include([200, 503], status, `${path}: ${text}`)
    if (status === 200) return json
    assert.isBelow(Date.now() - started, SOON_MILLIS, `${path}: still ${text}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** 503 from the first answer on, and `/readyz` says why. */
const unavailable = async (on: Running, paths: ReadonlyArray<string>, named: string) => {
  for (const path of paths) {
    const { headers, status, text } = await answer(on, path)
    assert.strictEqual(status, 503, `${path}: ${text}`)
    assert.isNotNull(headers.get("retry-after"))
  }
  await until(async () => {
    const { status, text } = await on.service.request("/readyz")
    return status === 503 && text.includes(named)
  }, SOON_MILLIS)
  await until(() => on.log.text().includes(named), SOON_MILLIS)
}

const rightAgain = async (on: Running) => {
  await until(async () => (await on.service.request("/readyz")).status === 200, SOON_MILLIS)
  await until(async () => (await on.failing()).length === 0, SOON_MILLIS)
  for (const line of on.log.lines) assert.notInclude(["ERROR", "FATAL"], line.level, JSON.stringify(line))
}

describe("beneath the running service,", () => {
  const users = `/api/users?bot_id=${BOT}`
  const payments = `/api/payments?bot_id=${BOT}`
  const figures = [`/api/bots/${BOT}/summary`]

  it.scopedLive("an optional column is dropped: null in the very next answers", () =>
    Effect.gen(function* () {
      const on = yield* running()
      yield* Effect.promise(async () => {
        await on.query("ALTER TABLE users DROP COLUMN invited")
        const { users: rows } = await rightSoon(on, users)
        assert.isNotEmpty(rows)
        for (const row of rows) assert.isNull(row.invited)
        await rightAgain(on)
      })
    })
  )

  it.scopedLive("an optional column gets another name", () =>
    Effect.gen(function* () {
      const on = yield* running()
      yield* Effect.promise(async () => {
        await on.query("ALTER TABLE users RENAME COLUMN username TO nick")
        const { users: rows } = await rightSoon(on, users)
        for (const row of rows) assert.isNull(row.username)
        await on.query("ALTER TABLE bots DROP COLUMN balance")
        assert.strictEqual((await rightSoon(on, "/api/bots"))[0].balance, 0)
        await rightAgain(on)
      })
    })
  )

  it.scopedLive("a table is away: 503 on what reads it, /readyz names it, and right when it is back", () =>
    Effect.gen(function* () {
      const on = yield* running()
      yield* Effect.promise(async () => {
        await on.query("RENAME TABLE payments TO payments_old")
        await unavailable(on, [payments, ...figures], "payments")
        await on.query("RENAME TABLE payments_old TO payments")
        await rightAgain(on)
      })
    })
  )

  it.scopedLive("a required column is dropped: 503, /readyz 503 with its name, and right when it is back", () =>
    Effect.gen(function* () {
      const on = yield* running()
      yield* Effect.promise(async () => {
        await on.query("ALTER TABLE payments DROP COLUMN currency")
        await unavailable(on, [payments], "payments.currency")
        await on.query("ALTER TABLE payments ADD COLUMN currency VARCHAR(16) NOT NULL DEFAULT 'RUB'")
        await rightAgain(on)
      })
    })
  )

  it.scopedLive(
    "a column gets a type that can't be read: named within the next look, and right when it has its own again",
    () =>
      Effect.gen(function* () {
        const on = yield* running()
        yield* Effect.promise(async () => {
          await on.query("ALTER TABLE users MODIFY reg_date VARCHAR(32) NULL")
          const reason = "users.reg_date is a VARCHAR(32), and a DATETIME is needed"
          await until(async () => (await on.service.request("/readyz")).text.includes(reason), 30_000)
          await unavailable(on, [users, ...figures], reason)
          await on.query("ALTER TABLE users MODIFY reg_date DATETIME NULL")
          await rightAgain(on)
        })
      })
  )

  it.scopedLive("a view loses what it reads from (1356): 503, named, and right when it is whole again", () =>
    Effect.gen(function* () {
      const on = yield* running("RENAME TABLE payments TO theirs; CREATE VIEW payments AS SELECT * FROM theirs")
      yield* Effect.promise(async () => {
        await on.query("ALTER TABLE theirs RENAME COLUMN currency TO money")
        await unavailable(on, [payments], "payments")
        await on.query("ALTER TABLE theirs RENAME COLUMN money TO currency")
        await rightAgain(on)
      })
    })
  )
})
