import { assert, describe, it } from "@effect/vitest"
import * as FC from "effect/FastCheck"
import { runs } from "../../src/testing/Properties.js"
import { data, payment, subscription, user } from "./Example.js"
import { nearestDouble, parseMoney, scale } from "./Money.js"
import { defaultNow, scenario } from "./RandomRows.js"
import { summary } from "./Summary.js"

const now = new Date("2024-03-31T12:00:00Z")
const monthAgo = "2024-03-01T12:00:00Z"
const money = (text: string): number => nearestDouble(parseMoney(text), scale)

describe("money", () => {
  it("is exact to eight decimals", () => {
    assert.strictEqual(parseMoney("999999999999.99999999"), 99_999_999_999_999_999_999n)
    assert.strictEqual(parseMoney("0.1"), 10_000_000n)
    assert.strictEqual(parseMoney("-12.5"), -1_250_000_000n)
    for (const text of ["", "1.", ".5", "1e3", "0.123456789", " 1"]) assert.throws(() => parseMoney(text))
  })

  it("is shown as the double nearest to the exact decimal", () => {
    assert.strictEqual(money("0"), 0)
    assert.strictEqual(money("0.3"), 0.3)
    assert.strictEqual(money("-1.005"), -1.005)
    assert.strictEqual(money("999999999999.99999999"), 1e12)
    assert.strictEqual(nearestDouble(1n, 3n), 1 / 3)
    // Half way between two doubles goes to the even one; a little more goes up.
    assert.strictEqual(nearestDouble(2n ** 53n + 1n, 1n), 2 ** 53)
    assert.strictEqual(nearestDouble((2n ** 53n + 1n) * 10n ** 60n + 1n, 10n ** 60n), 2 ** 53 + 2)
    FC.assert(
      FC.property(FC.nat(999_999_999), FC.nat(99_999_999), (whole, decimals) => {
        const text = `${whole}.${String(decimals).padStart(8, "0")}`
        assert.strictEqual(money(text), Number(text))
      }),
      runs(100).fastCheck
    )
  })
})

describe("users", () => {
  it("total_users counts rows, new_users_month those of the last 30 × 24 hours", () => {
    const dates = [monthAgo, "2024-03-01T11:59:59Z", "2024-03-31T12:00:00Z", "2024-03-31T12:00:01Z", null]
    const users = dates.map((at, uid) => user({ uid, reg_date: at === null ? null : new Date(at) }))
    const answer = summary(data({ users: [...users, user({ uid: 9, bot_id: 2, reg_date: now })] }), 1, now)
    assert.strictEqual(answer.total_users, 5)
    assert.strictEqual(answer.new_users_month, 2)
  })

  it("active_users counts distinct users with an Active subscription", () => {
    const subscriptions = [
      subscription(1, null, { status: "active " }),
      subscription(2, monthAgo),
      subscription(3, monthAgo, { user_id: 8, status: "Expired" }),
      subscription(4, monthAgo, { user_id: 9, bot_id: 2 }),
      subscription(5, monthAgo, { user_id: 2 ** 52 - 1, status: "ACTIVE" })
    ]
    assert.strictEqual(summary(data({ subscriptions }), 1, now).active_users, 2)
  })
})

describe("revenue", () => {
  const rows = data({
    payments: [
      payment("1", monthAgo, { amount: "0.1", currency: "rub" }),
      payment("2", "2024-03-01T11:59:59Z", { amount: "0.2", currency: " RUB " }),
      payment("3", "2024-03-31T12:00:01Z", { amount: "0.7", currency: "Rub" }),
      payment("4", now.toISOString(), { amount: "1000", status: "REFUNDED" }),
      payment("5", now.toISOString(), { amount: "5", currency: "xtr", status: "Paid" }),
      payment("6", now.toISOString(), { amount: "6", currency: "EUR" }),
      payment("7", now.toISOString(), { amount: "6", bot_id: 2 })
    ]
  })
  const rub = { payments: 3, total_revenue: 1, monthly_revenue: 0.1, average_check: 1 / 3 }
  const list = [
    { currency: "RUB", ...rub },
    { currency: "EUR", payments: 1, total_revenue: 6, monthly_revenue: 6, average_check: 6 },
    { currency: "XTR", payments: 1, total_revenue: 5, monthly_revenue: 5, average_check: 5 }
  ]
  const users = { total_users: 0, active_users: 0, new_users_month: 0 }
  const { payments: _, ...rubFigures } = rub

  it("is in the currency with the most PAID payments", () => {
    assert.deepStrictEqual(summary(rows, 1, now), {
      ...users,
      ...rubFigures,
      currency: "RUB",
      revenue_by_currency: list
    })
  })

  it("is in the alphabetically first where two have as many", () => {
    const two = data({ payments: rows.payments.filter((row) => row.bill_id === "5" || row.bill_id === "6") })
    assert.strictEqual(summary(two, 1, now).currency, "EUR")
  })

  it("is in the currency asked for, in any case, and lists the others still", () => {
    const answer = summary(rows, 1, now, " xTr")
    assert.deepStrictEqual(
      [answer.currency, answer.total_revenue, answer.monthly_revenue, answer.average_check],
      ["XTR", 5, 5, 5]
    )
    assert.deepStrictEqual(answer.revenue_by_currency, list)
  })

  it("is zeros in a currency in which nothing is PAID, and null where nothing is", () => {
    const zeros = { ...users, total_revenue: 0, monthly_revenue: 0, average_check: 0 }
    assert.deepStrictEqual(summary(rows, 1, now, "usd"), { ...zeros, currency: "USD", revenue_by_currency: list })
    assert.deepStrictEqual(summary(rows, 3, now), { ...zeros, currency: null, revenue_by_currency: [] })
    assert.deepStrictEqual(summary(rows, 3, now, "usd").currency, "USD")
  })

  it.prop(
    "law: the answer in a listed currency is its entry in the list",
    [scenario()],
    ([{ data, botId }]) => {
      for (const entry of summary(data, botId, defaultNow).revenue_by_currency) {
        const answer = summary(data, botId, defaultNow, entry.currency.toLowerCase())
        assert.deepStrictEqual(
          [answer.currency, answer.total_revenue, answer.monthly_revenue, answer.average_check],
          [entry.currency, entry.total_revenue, entry.monthly_revenue, entry.average_check]
        )
        assert.isAtMost(entry.monthly_revenue, entry.total_revenue)
      }
    },
    runs(100)
  )
})
