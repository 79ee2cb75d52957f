import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { BotData, SubscriptionRow } from "../../tools/bots/Rows.js"
import { payment, subscription } from "../../tools/oracle/Example.js"
import { botTables } from "../testing/Bots.js"
import { january } from "../testing/Figures.js"
import { testService } from "../testing/Service.js"

const bought = (rows: Partial<BotData>) =>
  Effect.map(january(rows), ({ keys, payments, renewals }) => ({ payments, keys, renewals }))

const AT = "2024-01-05T12:00:00Z"
const LATER = "2024-01-09T12:00:00Z"

layer(testService({ prepare: botTables({ metaType: "TEXT" }) }), { excludeTestServices: true })("analytics", (it) => {
  describe("what meta says a payment was for", () => {
    const key = { payments: 1, keys: 1, renewals: 0 }
    const renewal = { payments: 1, keys: 0, renewals: 1 }
    const other = { payments: 1, keys: 0, renewals: 0 }
    // Before the month, a purchase: so a payment about which nothing is said is a renewal.
    const before = payment("0", "2023-06-01T00:00:00Z")
    const cases: ReadonlyArray<readonly [string | null, typeof key]> = [
      [null, renewal],
      ...["key", "purchase", "buy", "new", "KEY", " Buy\\n"].map((word) => [`{"kind":"${word}"}`, key] as const),
      ...["renewal", "renew", "extend", "prolong"].map((word) => [`{"type":"${word}"}`, renewal] as const),
      ['{"purpose":"new"}', key],
      ['{"kind":"gift"}', other],
      ['{"kind":"keys"}', other],
      ['{"kind":"kéy"}', other],
      ['{"kind":"k\\u0065y"}', key],
      ['{"kind":"gift","type":"key"}', other],
      ['{"kind":"","type":"new"}', key],
      ['{"kind":" \\t","type":"","purpose":"buy"}', key],
      ['{"kind":1,"type":null,"purpose":"buy"}', key],
      ['{"kind":["gift"],"type":{"kind":"gift"},"purpose":true}', renewal],
      ['{"Kind":"buy"}', renewal],
      ['{"nested":{"kind":"buy"}}', renewal],
      ['["kind","buy"]', renewal],
      ['"buy"', renewal],
      ["null", renewal],
      ["", renewal],
      ["buy", renewal],
      ['{"kind":"buy"', renewal],
      ["{'kind':'buy'}", renewal],
      ['{"kind":"\\x62uy"}', renewal],
      ['{"kind":"buy","path":"C:\\\\x"}', key]
    ]
    it.effect.each(cases)("%s", ([meta, expected]) =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* bought({ payments: [before, payment("1", AT, { meta })] }), expected)
      })
    )
  })

  describe("where meta says nothing, a payment is a key purchase", () => {
    const first = payment("0", "2023-06-01T00:00:00Z")

    it.effect("if it is the user's first PAID one in the bot", () =>
      Effect.gen(function* () {
        const second = payment("b", LATER)
        const only = (row: object) => bought({ payments: [payment("a", AT, row), second] })
        assert.deepStrictEqual(yield* only({}), { payments: 2, keys: 1, renewals: 1 })
        assert.deepStrictEqual(yield* only({ status: "PENDING" }), { payments: 1, keys: 1, renewals: 0 })
        assert.deepStrictEqual(yield* only({ status: " paid\n" }), { payments: 2, keys: 1, renewals: 1 })
        assert.deepStrictEqual(yield* only({ status: "PÁID" }), { payments: 1, keys: 1, renewals: 0 })
        assert.deepStrictEqual(yield* only({ user_id: 8 }), { payments: 2, keys: 2, renewals: 0 })
        assert.deepStrictEqual(yield* only({ bot_id: 2 }), { payments: 1, keys: 1, renewals: 0 })
        assert.deepStrictEqual(yield* only({ meta: '{"kind":"gift"}' }), { payments: 2, keys: 1, renewals: 0 })
        assert.deepStrictEqual(yield* only({ meta: '{"kind":"renew"}' }), { payments: 2, keys: 0, renewals: 2 })
      })
    )

    it.effect("of those at one moment, the first by the code points of bill_id", () =>
      Effect.gen(function* () {
        // One of the two says renewal; the other is first or is not.
        const renew = { meta: '{"kind":"renew"}' }
        const orders = [
          ["B", "a"],
          ["10", "9"],
          ["\ufffd", "😀"],
          ["e", "é"]
        ] as const
        for (const [low, high] of orders) {
          const lowFirst = { payments: [payment(low, AT), payment(high, AT, renew)] }
          const highFirst = { payments: [payment(low, AT, renew), payment(high, AT)] }
          assert.deepStrictEqual(yield* bought(lowFirst), { payments: 2, keys: 1, renewals: 1 })
          assert.deepStrictEqual(yield* bought(highFirst), { payments: 2, keys: 0, renewals: 2 })
        }
      })
    )

    it.effect("or if a subscription of the user started within 15 minutes, both ends included", () =>
      Effect.gen(function* () {
        const with_ = (start: string | null, row: Partial<SubscriptionRow> = {}) => {
          const rows = { payments: [first, payment("1", AT)], subscriptions: [subscription(1, start, row)] }
          return Effect.map(bought(rows), ({ keys }) => keys)
        }
        assert.strictEqual(yield* with_("2024-01-05T11:44:59Z"), 0)
        assert.strictEqual(yield* with_("2024-01-05T11:45:00Z"), 1)
        assert.strictEqual(yield* with_("2024-01-05T11:45:01Z"), 1)
        assert.strictEqual(yield* with_("2024-01-05T12:14:59Z"), 1)
        assert.strictEqual(yield* with_("2024-01-05T12:15:00Z"), 1)
        assert.strictEqual(yield* with_("2024-01-05T12:15:01Z"), 0)
        assert.strictEqual(yield* with_(null), 0)
        assert.strictEqual(yield* with_(AT, { user_id: 8 }), 0)
        assert.strictEqual(yield* with_(AT, { bot_id: 2 }), 0)
        assert.strictEqual(yield* with_(AT, { status: "Expired", meta: '{"trial":true}' }), 1)
      })
    )
  })
})
