import { assert, describe, it } from "@effect/vitest"
import * as FC from "effect/FastCheck"
import type { BotData } from "../../tools/bots/Rows.js"
import { payment, subscription, user } from "../../tools/oracle/Example.js"
import { scenario } from "../../tools/oracle/RandomRows.js"
import { summary } from "../../tools/oracle/Summary.js"
import { exampleOf, forAll, ownerOf, serviceOverBots } from "../testing/Bots.js"

// The service's clock stands still, so that rows may lie on the very edges of its month.
const now = new Date(Math.floor(Date.now() / 1000) * 1000)
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000).toISOString()
const MONTH = 30 * 24 * 3600

const { fill, get } = serviceOverBots({ now })

const answerOf = async (rows: BotData, botId: number, currency?: string) => {
  const answer = await get(`/api/bots/${botId}/summary`, { currency }, ownerOf(rows, botId))
  assert.strictEqual(answer.status, 200, answer.text)
  assert.deepStrictEqual(answer.json, summary(rows, botId, now, currency))
  return answer.json
}
/** The summary of these rows, compared with the oracle's. */
const summaryOf = async (rows: Partial<BotData>, currency?: string) => {
  await fill(exampleOf(rows))
  return answerOf(exampleOf(rows), 1, currency)
}

describe("summary", () => {
  it("of random rows is what the oracle says", () => {
    const asked = FC.option(FC.constantFrom("RUB", "rub", " xtr ", "USDT", "nothing", "руб", "ÉUR"), { nil: undefined })
    return forAll(FC.tuple(scenario({ now, maxRows: 30 }), asked), 80, async ([{ botId, data }, currency]) => {
      await fill(data)
      await answerOf(data, botId, currency)
    })
  })

  it("has null and zeros where nothing was ever PAID", async () => {
    const zeros = { total_revenue: 0, monthly_revenue: 0, average_check: 0, revenue_by_currency: [] }
    const nobody = { total_users: 0, active_users: 0, new_users_month: 0 }
    assert.deepStrictEqual(await summaryOf({}), { ...nobody, ...zeros, currency: null })
    const pending = [payment("a", ago(60), { status: "PENDING" })]
    assert.deepStrictEqual(await summaryOf({ payments: pending }), { ...nobody, ...zeros, currency: null })
    assert.deepStrictEqual(await summaryOf({ payments: pending }, " usd"), { ...nobody, ...zeros, currency: "USD" })
  })

  it("adds up rub and RUB, and names the currency with the most payments, then the first by name", async () => {
    const payments = [
      ...["rub", " Rub\t", "RUB"].map((currency, i) => payment(`r${i}`, ago(60), { currency, amount: "0.1" })),
      ...["XTR", "xtr", "XTR"].map((currency, i) => payment(`x${i}`, ago(60), { currency, amount: "5" })),
      payment("e", ago(60), { currency: "EUR", amount: "7" })
    ]
    const answer = await summaryOf({ payments })
    assert.strictEqual(answer.currency, "RUB")
    assert.strictEqual(answer.total_revenue, 0.3)
    const listed = (answer.revenue_by_currency as ReadonlyArray<{ currency: string }>).map(({ currency }) => currency)
    assert.deepStrictEqual(listed, ["RUB", "XTR", "EUR"])
    assert.strictEqual((await summaryOf({ payments }, "xTr ")).total_revenue, 15)
    assert.strictEqual((await summaryOf({ payments }, "eur")).average_check, 7)
    assert.strictEqual((await summaryOf({ payments }, "GBP")).total_revenue, 0)
  })

  it("counts the month's both ends, and the future in the totals only", async () => {
    const times = [ago(MONTH + 1), ago(MONTH), ago(0), ago(-1), ago(-MONTH)]
    const answer = await summaryOf({
      payments: times.map((at, i) => payment(String(i), at, { amount: String(10 ** i) })),
      users: times.map((at, uid) => user({ uid: uid + 1, reg_date: new Date(at) }))
    })
    assert.strictEqual(answer.total_revenue, 11111)
    assert.strictEqual(answer.monthly_revenue, 110)
    assert.strictEqual(answer.total_users, 5)
    assert.strictEqual(answer.new_users_month, 2)
  })

  it("is exact", async () => {
    const amounts = (list: ReadonlyArray<string>) => ({
      payments: list.map((amount, i) => payment(String(i), ago(60), { amount }))
    })
    const tenths = await summaryOf(amounts(Array.from({ length: 10 }, () => "0.1")))
    assert.deepStrictEqual([tenths.total_revenue, tenths.average_check], [1, 0.1])
    const thirds = await summaryOf(amounts(["0.1", "0.1", "0.11"]))
    assert.strictEqual(thirds.average_check, 0.31 / 3)
    const large = await summaryOf(amounts(["999999999999.99999999", "999999999999.99999999", "0.00000002"]))
    assert.strictEqual(large.total_revenue, 2_000_000_000_000)
    assert.strictEqual((await summaryOf(amounts(["123456789012.12345678"]))).total_revenue, 123456789012.12346)
  })

  it("counts a person with several active subscriptions once", async () => {
    const statuses = ["Active", "ACTIVE ", "\tactive", "Expired", "Áctive"]
    const subscriptions = [
      ...statuses.map((status, uid) => subscription(uid + 1, null, { status })),
      subscription(11, null, { user_id: 8, status: "Notified" }),
      subscription(12, ago(60), { user_id: 2 ** 52 - 1 }),
      subscription(13, ago(60), { user_id: 9, bot_id: 2 })
    ]
    assert.strictEqual((await summaryOf({ subscriptions })).active_users, 2)
  })
})
