import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { BotData, SubscriptionRow } from "../../tools/bots/Rows.js"
import { payment, subscription } from "../../tools/oracle/Example.js"
import { botTables } from "../testing/Bots.js"
import { january } from "../testing/Figures.js"
import { testService } from "../testing/Service.js"

const trials = (rows: Partial<BotData>) => Effect.map(january(rows), (figures) => figures.trials)

const AT = "2024-01-05T12:00:00Z"
const LATER = "2024-01-09T12:00:00Z"

layer(testService({ prepare: botTables({ metaType: "TEXT" }) }), { excludeTestServices: true })("analytics", (it) => {
  describe("what meta says of a trial", () => {
    const earlier = subscription(1, "2023-06-01T00:00:00Z")
    const cases: ReadonlyArray<readonly [string, 0 | 1, 0 | 1]> = [
      // The meta; whether it is a trial as the user's second subscription; and as the first.
      ...["true", "1", "1.0", '"true"', '"1"', '" TRUE "'].map((value) => [`{"trial":${value}}`, 1, 1] as const),
      ...["false", "0", "null", "2", '"no"', "[1]", "{}"].map((value) => [`{"is_trial":${value}}`, 0, 0] as const),
      ['{"trial":false,"is_trial":true}', 1, 1],
      ['{"trial":false,"kind":"Trial"}', 1, 1],
      ['{"kind":" TRIAL"}', 1, 1],
      ['{"kind":"","type":"trial"}', 1, 1],
      ['{"kind":"month","type":"trial"}', 0, 0],
      ['{"type":"month"}', 0, 0],
      ['{"purpose":"trial"}', 0, 1],
      ['{"kind":7,"type":""}', 0, 1],
      ["[true]", 0, 1],
      ["trial", 0, 1]
    ]
    it.effect.each(cases)("%s", ([meta, second, first]) =>
      Effect.gen(function* () {
        assert.strictEqual(yield* trials({ subscriptions: [earlier, subscription(2, AT, { meta })] }), second)
        assert.strictEqual(yield* trials({ subscriptions: [subscription(2, AT, { meta })] }), first)
      })
    )
  })

  describe("where meta says nothing, a subscription is a trial", () => {
    it.effect("if it is the user's first in the bot, by start_date, then uid", () =>
      Effect.gen(function* () {
        const both = (row: Partial<SubscriptionRow>, start: string | null = AT) =>
          trials({ subscriptions: [subscription(1, start, row), subscription(2, AT)] })
        assert.strictEqual(yield* both({}), 1)
        assert.strictEqual(yield* both({ meta: '{"trial":true}' }), 1)
        assert.strictEqual(yield* both({ meta: '{"kind":"month"}' }), 0)
        assert.strictEqual(yield* both({}, null), 1)
        assert.strictEqual(yield* both({}, LATER), 1)
        assert.strictEqual(yield* both({ user_id: 8 }), 2)
        assert.strictEqual(yield* both({ bot_id: 2 }), 1)
      })
    )

    it.effect("and the user has no PAID payment up to 15 minutes after it started", () =>
      Effect.gen(function* () {
        const paid = (date: string, row: object = {}) =>
          trials({ subscriptions: [subscription(1, AT)], payments: [payment("a", date, row)] })
        assert.strictEqual(yield* paid("2020-01-01T00:00:00Z"), 0)
        assert.strictEqual(yield* paid("2024-01-05T12:14:59Z"), 0)
        assert.strictEqual(yield* paid("2024-01-05T12:15:00Z"), 0)
        assert.strictEqual(yield* paid("2024-01-05T12:15:01Z"), 1)
        assert.strictEqual(yield* paid(AT, { meta: '{"kind":"gift"}' }), 0)
        assert.strictEqual(yield* paid(AT, { status: "REFUNDED" }), 1)
        assert.strictEqual(yield* paid(AT, { user_id: 8 }), 1)
        assert.strictEqual(yield* paid(AT, { bot_id: 2 }), 1)
      })
    )
  })
})
