import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { query } from "../testing/Client.js"
import { sources, untilFacts } from "../testing/Facts.js"
import { checkAll } from "../testing/FactsCheck.js"
import { recorded } from "../testing/Replay.js"
import { assertRight, insertPayment, makeBots, start } from "../testing/Scene.js"
import { TestService } from "../testing/Service.js"

/** Rows that no statement writes: a replica applies them, and a binary log that is replayed after a restore. */
describe("rows that are replayed from a binary log", () => {
  it.scopedLive("are in the next answer, and are folded; no trigger would fire for them", () =>
    Effect.gen(function* () {
      const database = yield* makeBots()
      const { log, running } = yield* start(database)
      yield* Effect.gen(function* () {
        yield* untilFacts()
        const changes = [
          insertPayment(database.connection, "replayed", 77),
          query("UPDATE payments SET user_id = 78, amount = 1000 WHERE bill_id = 'replayed'"),
          query("DELETE FROM payments WHERE bill_id = 'replayed'")
        ]
        const replays = yield* Effect.forEach(changes, (change) => recorded(database.address, change))
        yield* checkAll
        yield* query("CREATE TRIGGER fired BEFORE INSERT ON payments FOR EACH ROW SET NEW.amount = 0")
        yield* query("CREATE TRIGGER fired_too BEFORE UPDATE ON payments FOR EACH ROW SET NEW.amount = 0")
        yield* untilFacts()
        yield* checkAll
        const before = yield* sources
        const amounts: Array<number> = []
        for (const statements of replays) {
          for (const statement of statements) yield* query(statement)
          yield* assertRight
          const [row] = yield* query(
            "SELECT CAST(SUM(amount) AS DOUBLE) AS sum FROM payments WHERE user_id IN (77, 78)"
          )
          amounts.push(row?.sum)
          yield* checkAll
        }
        assert.deepStrictEqual(amounts, [10, 1000, null])
        assert.strictEqual((yield* sources).rows, before.rows)
        assert.isFalse(log.messages.some((message) => /are in doubt: everything/.test(message)))
      }).pipe(Effect.provideService(TestService, running))
    })
  )
})
