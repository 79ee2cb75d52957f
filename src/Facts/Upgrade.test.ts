import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { BOT } from "../testing/BotRows.js"
import { query } from "../testing/Client.js"
import { connect, limitedAccount, rowsOf } from "../testing/Database.js"
import { installEarlierVersion, OLD_TRIGGERS } from "../testing/EarlierVersion.js"
import { eventually } from "../testing/Eventually.js"
import { readiness, untilFacts } from "../testing/Facts.js"
import { checkAll } from "../testing/FactsCheck.js"
import { assertRight, insertPayment, makeBots, start } from "../testing/Scene.js"
import { type TestDatabase, TestService } from "../testing/Service.js"

/** A database in which an earlier version kept its figures by triggers. */

const earlier = Effect.tap(makeBots(), ({ connection }) => Effect.promise(() => installEarlierVersion(connection, BOT)))

const left = ({ connection }: TestDatabase) =>
  Effect.promise(async () => {
    const triggers = await rowsOf(
      connection,
      "SELECT trigger_name AS name FROM information_schema.triggers WHERE trigger_schema = DATABASE()"
    )
    const tables = await rowsOf(
      connection,
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()
       AND table_name IN ('bot_analytics_marks', 'bot_analytics_bots')`
    )
    return [...triggers, ...tables].map(({ name }) => String(name))
  })

/** A bot that writes a payment every 20 ms until it is told to stop: how many it wrote. One that fails is a defect. */
const writing = (database: TestDatabase) =>
  Effect.gen(function* () {
    const bot = yield* connect(database.address)
    let [count, isOver] = [0, false]
    const write = Effect.suspend(() => insertPayment(bot, `w${count++}`, 100 + (count % 7)))
    const running = yield* Effect.fork(Effect.repeat(Effect.delay(write, "20 millis"), { until: () => isOver }))
    return Effect.gen(function* () {
      isOver = true
      yield* Fiber.join(running)
      return count
    })
  })

/** As after a restore on another server. */
const losesItsMaker = Effect.fnUntraced(function* (trigger: string) {
  const { database } = yield* TestService
  const maker = `m${database.address.database.slice(-12)}`
  const statement = OLD_TRIGGERS.find(({ name }) => name === trigger)?.statement.replace(
    "CREATE",
    `CREATE DEFINER = ${maker}`
  )
  yield* query(`DROP TRIGGER ${trigger}; CREATE USER ${maker}; ${statement}; DROP USER ${maker}`)
})

const IN_DANGER = /earlier version's triggers may still be on users, payments and subscriptions: whoever writes/

describe("an earlier version's triggers", () => {
  it.scopedLive(
    "are taken away with their tables as the service starts, and the figures built anew while a bot writes",
    () =>
      Effect.gen(function* () {
        const database = yield* earlier
        assert.lengthOf(yield* left(database), OLD_TRIGGERS.length + 2)
        const stop = yield* writing(database)
        const { log, running } = yield* start(database)
        yield* Effect.gen(function* () {
          assert.deepStrictEqual(yield* left(database), [])
          const amounts = yield* Effect.promise(() =>
            rowsOf(
              database.connection,
              `SELECT numeric_precision AS digits FROM information_schema.columns
               WHERE table_schema = DATABASE() AND table_name LIKE 'bot%analytics%' AND column_name = 'amount'`
            )
          )
          assert.deepStrictEqual(
            amounts.map(({ digits }) => Number(digits)),
            [65, 65]
          )
          yield* untilFacts()
          assert.isAbove(yield* stop, 5)
          yield* assertRight
          yield* checkAll
          assert.deepStrictEqual((yield* readiness).reasons, [])
          assert.isFalse(log.messages.some((message) => IN_DANGER.test(message)))
        }).pipe(Effect.provideService(TestService, running))
      })
  )

  it.scopedLive(
    "that the account may not take away: who writes is named as in danger, and what is said to be pasted mends it",
    () =>
      Effect.gen(function* () {
        const database = yield* earlier
        const account = yield* limitedAccount(database, [
          "SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX ON db.*",
          "REPLICATION SLAVE, REPLICATION CLIENT ON *.*"
        ])
        const { log, running } = yield* start(database, {}, account.address)
        yield* Effect.gen(function* () {
          yield* untilFacts()
          yield* assertRight
          assert.lengthOf(yield* left(database), OLD_TRIGGERS.length + 2)
          yield* eventually(
            Effect.map(readiness, ({ reasons }) => reasons.some((reason) => IN_DANGER.test(reason))),
            "10 seconds"
          )
          const { remedy } = yield* readiness
          for (const { name } of OLD_TRIGGERS) {
            assert.include(remedy, `DROP TRIGGER IF EXISTS ${name};`)
            assert.isTrue(
              log.messages.some((message) => message.includes(`DROP TRIGGER IF EXISTS ${name}`)),
              name
            )
          }
          assert.isTrue(log.messages.some((message) => IN_DANGER.test(message)))

          // The danger is real: bots can't pay any more when the triggers' maker is gone.
          yield* losesItsMaker("bot_analytics_payments_insert")
          const failure = yield* Effect.flip(Effect.sandbox(insertPayment(database.connection, "lost")))
          assert.match(Cause.pretty(failure), /definer|DEFINER/)
          yield* assertRight

          yield* query(remedy ?? "")
          assert.deepStrictEqual(yield* left(database), [])
          yield* eventually(
            Effect.map(readiness, ({ reasons }) => reasons.length === 0),
            "10 seconds"
          )
          yield* insertPayment(database.connection, "after")
          yield* assertRight
          yield* untilFacts()
          yield* checkAll
        }).pipe(Effect.provideService(TestService, running))
      })
  )
})
