import { assert, describe, it } from "@effect/vitest"
import { runs } from "../../src/testing/Properties.js"
import type { BotData } from "../bots/Rows.js"
import { analytics, type DayFigures } from "./Analytics.js"
import { data, payment, subscription, user } from "./Example.js"
import { scenario } from "./RandomRows.js"

const jan = (rows: Partial<BotData>): ReadonlyArray<DayFigures> =>
  analytics(data(rows), 1, "2024-01-01", "2024-01-31", "UTC")

const sum = (days: ReadonlyArray<DayFigures>) => {
  const total = { registrations: 0, payments: 0, trials: 0, keys: 0, renewals: 0 }
  for (const day of days) for (const name of Object.keys(total) as Array<keyof typeof total>) total[name] += day[name]
  return total
}

/** Keys and renewals of a January. */
const bought = (rows: Partial<BotData>) => {
  const { keys, renewals } = sum(jan(rows))
  return [keys, renewals]
}
const trials = (rows: Partial<BotData>) => sum(jan(rows)).trials

describe("registrations and payments", () => {
  it("count rows of the bot on the day of their own time, zeros elsewhere", () => {
    const rows = data({
      users: [
        user({ uid: 1, reg_date: new Date("2024-01-01T23:30:00Z") }),
        user({ uid: 2, reg_date: new Date("2024-01-01T23:30:00Z") }),
        user({ uid: 3, reg_date: null }),
        user({ uid: 4, bot_id: 2, reg_date: new Date("2024-01-01T23:30:00Z") })
      ],
      payments: [
        payment("a", "2024-01-01T00:00:00Z", { status: " paid" }),
        payment("b", "2024-01-01T00:00:00Z", { status: "PENDING" }),
        payment("c", "2024-01-02T00:00:00Z", { bot_id: 2 }),
        payment("d", "2024-01-03T00:00:00Z")
      ]
    })
    const none = { trials: 0 }
    assert.deepStrictEqual(analytics(rows, 1, "2024-01-01", "2024-01-02", "UTC"), [
      { date: "2024-01-01", registrations: 2, payments: 1, keys: 1, renewals: 0, ...none },
      { date: "2024-01-02", registrations: 0, payments: 0, keys: 0, renewals: 0, ...none }
    ])
    assert.deepStrictEqual(
      analytics(rows, 1, "2024-01-01", "2024-01-02", "Europe/Moscow").map((day) => [day.registrations, day.payments]),
      [
        [0, 1],
        [2, 0]
      ]
    )
  })
})

describe("keys and renewals where meta says nothing", () => {
  it("the first PAID payment is a key purchase, the others renewals", () => {
    const payments = [payment("b", "2024-01-02T00:00:00Z"), payment("a", "2024-01-05T00:00:00Z")]
    assert.deepStrictEqual(bought({ payments }), [1, 1])
    assert.strictEqual(jan({ payments })[1]?.keys, 1)
  })

  it("first is by date, then bill_id by code points; one a day that ties in date", () => {
    const at = "2024-01-02T00:00:00Z"
    // "B" < "a", "\ufffd" < "😀": the first says renewal, so no key is left.
    const renewal = { meta: '{"kind":"renew"}' }
    assert.deepStrictEqual(bought({ payments: [payment("a", at), payment("B", at, renewal)] }), [0, 2])
    assert.deepStrictEqual(bought({ payments: [payment("a", at, renewal), payment("B", at)] }), [1, 1])
    assert.deepStrictEqual(bought({ payments: [payment("😀", at), payment("\ufffd", at, renewal)] }), [0, 2])
    assert.deepStrictEqual(bought({ payments: [payment("10", at, renewal), payment("9", at)] }), [0, 2])
  })

  it("payments marked other, unpaid ones and those of other bots and users are not looked at", () => {
    const later = payment("z", "2024-01-05T00:00:00Z")
    const first = "2024-01-02T00:00:00Z"
    assert.deepStrictEqual(bought({ payments: [payment("a", first, { meta: '{"kind":"gift"}' }), later] }), [1, 0])
    assert.deepStrictEqual(bought({ payments: [payment("a", first, { status: "PENDING" }), later] }), [1, 0])
    assert.deepStrictEqual(bought({ payments: [payment("a", first, { bot_id: 2 }), later] }), [1, 0])
    assert.deepStrictEqual(bought({ payments: [payment("a", first, { user_id: 8 }), later] }), [2, 0])
    assert.deepStrictEqual(bought({ payments: [payment("a", first, { meta: '{"kind":"key"}' }), later] }), [1, 1])
  })

  it("the range asked for does not matter", () => {
    const payments = [payment("a", "2023-12-31T23:59:59Z"), payment("b", "2024-01-05T00:00:00Z")]
    assert.deepStrictEqual(bought({ payments }), [0, 1])
  })

  it("a subscription started within 15 minutes before or after makes a key purchase", () => {
    const payments = [payment("a", "2023-12-01T00:00:00Z"), payment("b", "2024-01-05T12:00:00Z")]
    const with_ = (start: string, row = {}) => bought({ payments, subscriptions: [subscription(1, start, row)] })
    assert.deepStrictEqual(with_("2024-01-05T11:44:59Z"), [0, 1])
    assert.deepStrictEqual(with_("2024-01-05T11:45:00Z"), [1, 0])
    assert.deepStrictEqual(with_("2024-01-05T12:15:00Z"), [1, 0])
    assert.deepStrictEqual(with_("2024-01-05T12:15:01Z"), [0, 1])
    assert.deepStrictEqual(with_("2024-01-05T12:00:00Z", { status: "Expired", meta: '{"trial":true}' }), [1, 0])
    assert.deepStrictEqual(with_("2024-01-05T12:00:00Z", { bot_id: 2 }), [0, 1])
    assert.deepStrictEqual(with_("2024-01-05T12:00:00Z", { user_id: 8 }), [0, 1])
    const many = ["2024-01-01T00:00:00Z", null, "2024-01-09T00:00:00Z", "2024-01-05T12:10:00Z"]
    assert.deepStrictEqual(bought({ payments, subscriptions: many.map((at, i) => subscription(i, at)) }), [1, 0])
  })

  it("meta that says something is not overruled", () => {
    const payments = [payment("a", "2024-01-05T12:00:00Z", { meta: '{"kind":"renew"}' })]
    assert.deepStrictEqual(bought({ payments, subscriptions: [subscription(1, "2024-01-05T12:00:00Z")] }), [0, 1])
    assert.deepStrictEqual(
      bought({ payments: [payment("a", "2024-01-05T12:00:00Z", { meta: '{"type":"x"}' })] }),
      [0, 0]
    )
  })
})

describe("trials where meta says nothing", () => {
  const at = "2024-01-05T12:00:00Z"

  it("the first subscription is one, by start_date, then uid; those not started are not looked at", () => {
    assert.strictEqual(trials({ subscriptions: [subscription(2, at), subscription(1, at)] }), 1)
    assert.strictEqual(trials({ subscriptions: [subscription(1, null), subscription(2, at)] }), 1)
    const said = subscription(1, at, { meta: '{"kind":"key"}' })
    assert.strictEqual(trials({ subscriptions: [subscription(2, at), said] }), 0)
    assert.strictEqual(trials({ subscriptions: [subscription(2, at), { ...said, uid: 3 }] }), 1)
    assert.strictEqual(trials({ subscriptions: [subscription(1, "2023-12-31T00:00:00Z"), subscription(2, at)] }), 0)
    assert.strictEqual(trials({ subscriptions: [subscription(1, at, { bot_id: 2 }), subscription(2, at)] }), 1)
    assert.strictEqual(trials({ subscriptions: [subscription(1, at, { user_id: 8 }), subscription(2, at)] }), 2)
  })

  it("a PAID payment up to 15 minutes after the start makes it none", () => {
    const with_ = (date: string, row = {}) =>
      trials({ subscriptions: [subscription(1, at)], payments: [payment("a", date, row)] })
    assert.strictEqual(with_("2023-01-01T00:00:00Z"), 0)
    assert.strictEqual(with_("2024-01-05T12:15:00Z"), 0)
    assert.strictEqual(with_("2024-01-05T12:15:01Z"), 1)
    assert.strictEqual(with_(at, { meta: '{"kind":"gift"}' }), 0)
    assert.strictEqual(with_(at, { status: "PENDING" }), 1)
    assert.strictEqual(with_(at, { bot_id: 2 }), 1)
    assert.strictEqual(with_(at, { user_id: 8 }), 1)
  })

  it("meta that says something is not overruled", () => {
    const yes = { meta: '{"trial":true}' }
    const subscriptions = [subscription(1, at, yes), subscription(2, "2024-01-06T00:00:00Z", yes)]
    assert.strictEqual(trials({ subscriptions, payments: [payment("a", at)] }), 2)
    assert.strictEqual(trials({ subscriptions: [subscription(1, at, { meta: '{"trial":null}' })] }), 0)
  })
})

describe("laws", () => {
  it.prop(
    "the days of a range add up to the range; keys and renewals are payments",
    [scenario({ textMeta: true })],
    ([{ data, botId, tz, startDate, endDate }]) => {
      const whole = analytics(data, botId, startDate, endDate, tz)
      const singly = whole.flatMap(({ date }) => analytics(data, botId, date, date, tz))
      assert.deepStrictEqual(singly, whole)
      for (const day of whole) assert.isAtMost(day.keys + day.renewals, day.payments)
    },
    runs(200)
  )

  it.prop(
    "the order of rows, and the rows of other bots, do not matter",
    [scenario()],
    ([{ data, botId, tz, startDate, endDate }]) => {
      const mine = <A extends { readonly bot_id: number }>(rows: ReadonlyArray<A>) =>
        rows.filter((row) => row.bot_id === botId).reverse()
      const own = { ...data, users: mine(data.users), payments: mine(data.payments) }
      const fewer = { ...own, subscriptions: mine(data.subscriptions) }
      assert.deepStrictEqual(
        analytics(fewer, botId, startDate, endDate, tz),
        analytics(data, botId, startDate, endDate, tz)
      )
    },
    runs(100)
  )
})
