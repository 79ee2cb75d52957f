import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { BOT } from "../testing/BotRows.js"
import { query } from "../testing/Client.js"
import { eventually } from "../testing/Eventually.js"
import { untilFacts } from "../testing/Facts.js"
import { checkAll } from "../testing/FactsCheck.js"
import { assertRight, insertPayment, makeBots, start } from "../testing/Scene.js"
import { TestService } from "../testing/Service.js"

/** One bot whose figures can't be brought up to date is left alone for growing pauses, and stops no other bot's. */

const OTHER = 9

const insertOther = (bill: string) =>
  query(
    `INSERT INTO payments (bill_id, user_id, bot_id, amount, currency, status, date)
     VALUES (?, 77, ${OTHER}, 10, 'RUB', 'PAID', '2026-01-04 12:00:00')`,
    [bill]
  )

/** What is kept of the user's payments, as the server reads it out of the JSON. */
const keptOf = (bot: number, user: number) =>
  Effect.map(query("SELECT facts FROM bot_analytics_users WHERE bot_id = ? AND user_id = ?", [bot, user]), ([row]) =>
    String(row?.facts)
  )

const scene = Effect.gen(function* () {
  const database = yield* makeBots(
    `INSERT INTO payments (bill_id, user_id, bot_id, amount, currency, status, date)
     VALUES ('other', 77, ${OTHER}, 10, 'RUB', 'PAID', '2026-01-04 12:00:00')`
  )
  const { log, running } = yield* start(database)
  const linesOf = () => log.messages.filter((line) => line.startsWith(`The figures of bot ${OTHER} are not brought`))
  return { log, running, linesOf }
})

describe("one bot that fails", () => {
  it.scopedLive(
    "is named with the user, tried again ever more rarely, and stops no other",
    () =>
      Effect.gen(function* () {
        const { linesOf, running } = yield* scene
        yield* Effect.gen(function* () {
          yield* untilFacts()
          const before = yield* keptOf(OTHER, 77)
          yield* query("UPDATE bot_analytics_users SET facts = 'nonsense' WHERE bot_id = ? AND user_id = 77", [OTHER])
          yield* insertOther("second")
          yield* eventually(
            Effect.sync(() => linesOf().length >= 2),
            "20 seconds"
          )
          const [first, second] = linesOf()
          assert.match(first ?? "", /, for the rows of user 77: .*Trying again in 1s$/)
          assert.match(second ?? "", /, for the rows of user 77: .*Trying again in 2s$/)
          // The others' go on meanwhile.
          const kept = yield* keptOf(BOT, 11)
          yield* insertPayment(running.database.connection, "meanwhile")
          yield* eventually(
            Effect.map(keptOf(BOT, 11), (now) => now !== kept),
            "20 seconds"
          )
          yield* assertRight
          // What was in the way is gone: its figures follow by themselves.
          yield* query("UPDATE bot_analytics_users SET facts = ? WHERE bot_id = ? AND user_id = 77", [before, OTHER])
          yield* eventually(
            Effect.map(keptOf(OTHER, 77), (now) => now !== before),
            "60 seconds"
          )
          yield* checkAll
        }).pipe(Effect.provideService(TestService, running))
      }),
    90_000
  )

  it.scopedLive(
    "while it is built stops no other from being built",
    () =>
      Effect.gen(function* () {
        const { linesOf, running } = yield* scene
        yield* Effect.gen(function* () {
          yield* untilFacts()
          yield* query(
            `CREATE TRIGGER refuse BEFORE INSERT ON bot_analytics_users FOR EACH ROW
           BEGIN IF NEW.bot_id = 1 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'not this bot'; END IF; END`
          )
          // Before the others in their order.
          yield* query("INSERT INTO bots (uid, bot_id, admin_id) VALUES (1, 1, 1)")
          yield* query("INSERT INTO users (user_id, bot_id, reg_date) VALUES (5, 1, '2026-01-04 12:00:00')")
          yield* eventually(
            Effect.map(
              query("SELECT built_at IS NULL AS is_open FROM bot_analytics_kept WHERE bot_id = 1"),
              ([row]) => row?.is_open === 1
            ),
            "30 seconds"
          )
          yield* query("UPDATE bot_analytics_kept SET built_at = NULL, built_to = NULL WHERE bot_id <> 1")
          yield* eventually(
            Effect.map(
              query("SELECT COUNT(*) AS n FROM bot_analytics_kept WHERE bot_id <> 1 AND built_at IS NULL"),
              ([row]) => row?.n === 0
            ),
            "30 seconds"
          )
          yield* query("DROP TRIGGER refuse")
          yield* untilFacts("60 seconds")
          assert.deepStrictEqual(linesOf(), [])
          yield* assertRight
          yield* checkAll
        }).pipe(Effect.provideService(TestService, running))
      }),
    120_000
  )
})
