import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FC from "effect/FastCheck"
import type { BotData } from "../../tools/bots/Rows.js"
import { payment, subscription, user } from "../../tools/oracle/Example.js"
import { scenario } from "../../tools/oracle/RandomRows.js"
import { summary } from "../../tools/oracle/Summary.js"
import { BotId } from "../Domain/Ids.js"
import { botTables, exampleOf, fill, ownerOf, stoppedAt } from "../testing/Bots.js"
import { clientAs, exact } from "../testing/Client.js"
import { runs } from "../testing/Properties.js"
import { testService } from "../testing/Service.js"

// The service's clock stands still, so that rows may lie on the very edges of its month.
const now = new Date(Math.floor(Date.now() / 1000) * 1000)
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000).toISOString()
const MONTH = 30 * 24 * 3600

/** The summary of the bot in these rows, compared with the oracle's. */
const summaryIn = Effect.fnUntraced(function* (rows: BotData, botId: number, currency?: string) {
  yield* fill(rows)
  const client = yield* clientAs(ownerOf(rows, botId))
  const urlParams = currency === undefined ? {} : { currency }
  const found = yield* exact(
    client.summary.getSummary({ path: { bot_id: BotId.make(botId) }, urlParams, withResponse: true })
  )
  assert.deepStrictEqual<unknown>(found, summary(rows, botId, now, currency))
  return found
})

/** The same, of bot 1. */
const summaryOf = (rows: Partial<BotData>, currency?: string) => summaryIn(exampleOf(rows), 1, currency)

const asked = FC.option(FC.constantFrom("RUB", "rub", " xtr ", "USDT", "nothing", "руб", "ÉUR"), { nil: undefined })

layer(testService({ prepare: botTables(), under: stoppedAt(now) }), { excludeTestServices: true })("summary", (it) => {
  it.effect.prop(
    "of random rows is what the oracle says",
    [scenario({ now, maxRows: 30 }), asked],
    ([{ botId, data }, currency]) => Effect.asVoid(summaryIn(data, botId, currency)),
    runs(80)
  )

  it.effect("has null and zeros where nothing was ever PAID", () =>
    Effect.gen(function* () {
      const zeros = { total_revenue: 0, monthly_revenue: 0, average_check: 0, revenue_by_currency: [] }
      const nobody = { total_users: 0, active_users: 0, new_users_month: 0 }
      assert.deepStrictEqual<unknown>(yield* summaryOf({}), { ...nobody, ...zeros, currency: null })
      const pending = [payment("a", ago(60), { status: "PENDING" })]
      assert.deepStrictEqual<unknown>(yield* summaryOf({ payments: pending }), { ...nobody, ...zeros, currency: null })
      assert.deepStrictEqual<unknown>(yield* summaryOf({ payments: pending }, " usd"), {
        ...nobody,
        ...zeros,
        currency: "USD"
      })
    })
  )

  it.effect("adds up rub and RUB, and names the currency with the most payments, then the first by name", () =>
    Effect.gen(function* () {
      const payments = [
        ...["rub", " Rub\t", "RUB"].map((currency, i) => payment(`r${i}`, ago(60), { currency, amount: "0.1" })),
        ...["XTR", "xtr", "XTR"].map((currency, i) => payment(`x${i}`, ago(60), { currency, amount: "5" })),
        payment("e", ago(60), { currency: "EUR", amount: "7" })
      ]
      const found = yield* summaryOf({ payments })
      assert.strictEqual(found.currency, "RUB")
      assert.strictEqual(found.total_revenue, 0.3)
      const listed = found.revenue_by_currency.map(({ currency }) => currency)
      assert.deepStrictEqual(listed, ["RUB", "XTR", "EUR"])
      assert.strictEqual((yield* summaryOf({ payments }, "xTr ")).total_revenue, 15)
      assert.strictEqual((yield* summaryOf({ payments }, "eur")).average_check, 7)
      assert.strictEqual((yield* summaryOf({ payments }, "GBP")).total_revenue, 0)
    })
  )

  it.effect("counts the month's both ends, and the future in the totals only", () =>
    Effect.gen(function* () {
      const times = [ago(MONTH + 1), ago(MONTH), ago(0), ago(-1), ago(-MONTH)]
      const found = yield* summaryOf({
        payments: times.map((at, i) => payment(String(i), at, { amount: String(10 ** i) })),
        users: times.map((at, uid) => user({ uid: uid + 1, reg_date: new Date(at) }))
      })
      assert.strictEqual(found.total_revenue, 11111)
      assert.strictEqual(found.monthly_revenue, 110)
      assert.strictEqual(found.total_users, 5)
      assert.strictEqual(found.new_users_month, 2)
    })
  )

  it.effect("is exact", () =>
    Effect.gen(function* () {
      const amounts = (list: ReadonlyArray<string>) => ({
        payments: list.map((amount, i) => payment(String(i), ago(60), { amount }))
      })
      const tenths = yield* summaryOf(amounts(Array.from({ length: 10 }, () => "0.1")))
      assert.deepStrictEqual([tenths.total_revenue, tenths.average_check], [1, 0.1])
      const thirds = yield* summaryOf(amounts(["0.1", "0.1", "0.11"]))
      assert.strictEqual(thirds.average_check, 0.31 / 3)
      const large = yield* summaryOf(amounts(["999999999999.99999999", "999999999999.99999999", "0.00000002"]))
      assert.strictEqual(large.total_revenue, 2_000_000_000_000)
      assert.strictEqual((yield* summaryOf(amounts(["123456789012.12345678"]))).total_revenue, 123456789012.12346)
    })
  )

  it.effect("counts a person with several active subscriptions once", () =>
    Effect.gen(function* () {
      const statuses = ["Active", "ACTIVE ", "\tactive", "Expired", "Áctive"]
      const subscriptions = [
        ...statuses.map((status, uid) => subscription(uid + 1, null, { status })),
        subscription(11, null, { user_id: 8, status: "Notified" }),
        subscription(12, ago(60), { user_id: 2 ** 52 - 1 }),
        subscription(13, ago(60), { user_id: 9, bot_id: 2 })
      ]
      assert.strictEqual((yield* summaryOf({ subscriptions })).active_users, 2)
    })
  )
})
