import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FC from "effect/FastCheck"
import * as Layer from "effect/Layer"
import { readRows } from "../../tools/bots/Read.js"
import type { BotData } from "../../tools/bots/Rows.js"
import { analytics } from "../../tools/oracle/Analytics.js"
import { paymentList, subscriptionList, userList } from "../../tools/oracle/Lists.js"
import { type Scenario, scenario } from "../../tools/oracle/RandomRows.js"
import { statementOf, type Write, write } from "../../tools/oracle/RandomWrites.js"
import { summary } from "../../tools/oracle/Summary.js"
import { botTables, fill, ownerOf } from "../testing/Bots.js"
import { getAs, type Parameters, query } from "../testing/Client.js"
import { sources, untilFacts } from "../testing/Facts.js"
import { checkAll } from "../testing/FactsCheck.js"
import { forAll } from "../testing/Properties.js"
import { TestService, testService } from "../testing/Service.js"

/** Rows to begin with, rows to take values from, and writes. */
const history = FC.tuple(
  scenario({ maxRows: 8 }).chain((first) => FC.tuple(FC.constant(first), scenario({ maxRows: 8, place: first }))),
  FC.array(write, { minLength: 1, maxLength: 8 })
)

const rowsNow = Effect.flatMap(TestService, ({ database }) => Effect.promise(() => readRows(database.connection)))

/** Does the write, with values from the spare rows. */
const apply = Effect.fnUntraced(function* (one: Write, spare: BotData) {
  const statement = statementOf(one, yield* rowsNow, spare)
  if (statement !== undefined) yield* query(statement.sql, [...statement.values])
})

/** Every figure is what the oracle says of the rows that are there now. */
const assertRight = Effect.fnUntraced(function* ({ botId, endDate, startDate, tz }: Scenario) {
  const rows = yield* rowsNow
  const get = (path: string, parameters: Parameters) => getAs(ownerOf(rows, botId), path, parameters)
  const days = yield* get("/api/analytics", { bot_id: botId, start_date: startDate, end_date: endDate, tz })
  assert.strictEqual(days.status, 200, days.text)
  assert.deepStrictEqual(days.json, analytics(rows, botId, startDate, endDate, tz))
  // The service's clock goes on, and no row is near either end of its month.
  const now = yield* get(`/api/bots/${botId}/summary`, {})
  assert.deepStrictEqual(now.json, summary(rows, botId, new Date()))
  const total = (path: string, parameters: Parameters = {}) =>
    Effect.map(get(path, { bot_id: botId, limit: 1, ...parameters }), ({ json }): unknown => json.total)
  assert.strictEqual(yield* total("/api/users"), userList(rows, botId).length)
  assert.strictEqual(yield* total("/api/payments"), paymentList(rows, botId).length)
  const filter = { startDate, endDate, tz }
  assert.strictEqual(
    yield* total("/api/payments", { start_date: startDate, end_date: endDate, tz }),
    paymentList(rows, botId, filter).length
  )
  assert.strictEqual(yield* total("/api/subscriptions"), subscriptionList(rows, botId).length)
  assert.strictEqual(
    yield* total("/api/subscriptions", { status: "ACTIVE " }),
    subscriptionList(rows, botId, "active").length
  )
})

for (const metaType of ["JSON", "TEXT"] as const) {
  const withFacts = testService({ prepare: botTables({ metaType }) }).pipe(
    Layer.tap((running) => Effect.provide(untilFacts(), running))
  )

  layer(withFacts, { excludeTestServices: true })(`figures while bots write, where meta is ${metaType}`, (it) => {
    it.effect(
      "are right in the very next answer after each write, and what is kept agrees with the rows",
      () =>
        Effect.gen(function* () {
          const before = yield* sources
          yield* forAll(history, 40, ([[first, spare], writes]) =>
            Effect.gen(function* () {
              yield* fill(first.data)
              yield* assertRight(first)
              for (const one of writes) {
                yield* apply(one, spare.data)
                yield* assertRight(first)
              }
            })
          )
          yield* checkAll
          const after = yield* sources
          assert.isAbove(after.facts, before.facts)
          assert.isAbove(after.factsAndRows, before.factsAndRows)
        }),
      120_000
    )

    it.effect(
      "come from facts alone once the writes are folded",
      () =>
        Effect.gen(function* () {
          const before = yield* sources
          yield* forAll(scenario({ maxRows: 20 }), 10, (first) =>
            Effect.gen(function* () {
              yield* fill(first.data)
              yield* assertRight(first)
              yield* checkAll
              yield* assertRight(first)
            })
          )
          const after = yield* sources
          assert.isAtLeast(after.facts, before.facts + 20)
        }),
      120_000
    )
  })
}
