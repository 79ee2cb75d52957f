import { assert, describe, it } from "@effect/vitest"
import * as FC from "effect/FastCheck"
import { runs } from "../../src/testing/Properties.js"
import type { BotData, PaymentRow, SubscriptionRow } from "../bots/Rows.js"
import { analytics } from "./Analytics.js"
import { paymentList, subscriptionList, userList } from "./Lists.js"
import { parseMoney } from "./Money.js"
import { botData, scenario } from "./RandomRows.js"
import { summary } from "./Summary.js"

const rowsOf = (data: BotData) => [...data.bots, ...data.users, ...data.payments, ...data.subscriptions]

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const distinct = <A>(values: ReadonlyArray<A>): boolean => new Set(values).size === values.length

describe("random rows", () => {
  it.prop(
    "fit the tables",
    [botData()],
    ([data]) => {
      for (const { meta } of rowsOf(data)) assert.isTrue(meta === null || isJson(meta))
      for (const { bot_id } of [...data.users, ...data.payments, ...data.subscriptions]) {
        assert.isTrue(data.bots.some((bot) => bot.uid === bot_id))
      }
      assert.isTrue(distinct(data.users.map((row) => row.uid)))
      assert.isTrue(distinct(data.subscriptions.map((row) => row.uid)))
      assert.isTrue(distinct(data.payments.map((row) => row.bill_id.trimEnd())))
      for (const row of data.payments) {
        assert.isAtMost(Array.from(row.bill_id).length, 64)
        assert.isAtMost(row.currency.length, 16)
        assert.isAtLeast(Number(parseMoney(row.amount)), 0)
        assert.strictEqual(row.date.getTime() % 1000, 0)
        assert.isAtLeast(row.date.getUTCFullYear(), 1999)
        assert.isAtMost(row.date.getUTCFullYear(), 2038)
      }
    },
    runs(200)
  )

  it("reach the odd cases, broken meta among them where asked for", () => {
    const samples = FC.sample(scenario({ textMeta: true }), { numRuns: 300, seed: 1 })
    const some = (what: string, holds: (data: BotData) => boolean) =>
      assert.isAbove(samples.filter(({ data }) => holds(data)).length, 10, what)
    const pairs = (data: BotData, holds: (payment: PaymentRow, subscription: SubscriptionRow, s: number) => boolean) =>
      data.payments.some((p) =>
        data.subscriptions.some(
          (s) =>
            s.bot_id === p.bot_id &&
            s.user_id === p.user_id &&
            s.start_date !== null &&
            holds(p, s, Math.abs(p.date.getTime() - s.start_date.getTime()) / 1000)
        )
      )
    some("broken meta", (data) => rowsOf(data).some(({ meta }) => meta !== null && !isJson(meta)))
    some("several bots", (data) => data.bots.length > 1)
    some("15 minutes", (data) => pairs(data, (_p, _s, seconds) => seconds === 900))
    some("15 minutes and a second", (data) => pairs(data, (_p, _s, seconds) => seconds === 901))
    some("one person twice in one bot", (data) => !distinct(data.users.map((row) => `${row.bot_id} ${row.user_id}`)))
    some("equal dates", (data) => !distinct(data.payments.map((row) => `${row.bot_id} ${row.date.getTime()}`)))
    some("no start", (data) => data.subscriptions.some((row) => row.start_date === null))
    const figures = samples.flatMap(({ data, botId, startDate, endDate, tz }) =>
      analytics(data, botId, startDate, endDate, tz)
    )
    for (const name of ["registrations", "payments", "trials", "keys", "renewals"] as const) {
      assert.isAbove(figures.filter((day) => day[name] > 0).length, 50, name)
    }
  })
})

describe("the oracle on many rows", () => {
  it("answers each question in a moment", { timeout: 30_000 }, () => {
    const from = Date.UTC(2023, 0, 1)
    const at = (i: number) => new Date(from + ((i * 7919) % 63_158_400) * 1000)
    const user_id = (i: number) => (i % 10 === 0 ? 1 : i % 30_000)
    const common = { bot_id: 1, meta: null, username: null, invited: null, ref_percent: "0" }
    const data: BotData = {
      bots: [],
      users: Array.from({ length: 50_000 }, (_, i) => ({ ...common, uid: i, user_id: i, reg_date: at(i) })),
      payments: Array.from({ length: 60_000 }, (_, i) => ({
        ...{ ...common, bill_id: `b${i}`, user_id: user_id(i), provider: null, amount: "199.99", currency: "RUB" },
        ...{ status: "PAID", date: at(i % 1000), meta: i % 2 === 0 ? null : '{"kind":"renew"}' }
      })),
      subscriptions: Array.from({ length: 40_000 }, (_, i) => ({
        ...{ ...common, uid: i, sub_uid: "s", sub_url: null, user_id: user_id(i), status: "Active", start_date: at(i) },
        ...{ stop_date: null, keys: null }
      }))
    }
    const timed = (what: string, run: () => unknown) => {
      const began = performance.now()
      run()
      const took = performance.now() - began
      // Well below a second on an idle machine; the rest is for a busy one.
      assert.isBelow(took, 4000, what)
    }
    timed("analytics", () => analytics(data, 1, "2023-01-01", "2024-12-31", "America/New_York"))
    timed("summary", () => summary(data, 1, new Date(Date.UTC(2024, 5, 1))))
    timed("users", () => userList(data, 1))
    timed("payments", () => paymentList(data, 1, { startDate: "2023-01-01", tz: "Europe/Kiev" }))
    timed("subscriptions", () => subscriptionList(data, 1, "active"))
  })
})
