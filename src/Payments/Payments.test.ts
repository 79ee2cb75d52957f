import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FC from "effect/FastCheck"
import type { PaymentRow } from "../../tools/bots/Rows.js"
import { paymentList } from "../../tools/oracle/Lists.js"
import { scenario } from "../../tools/oracle/RandomRows.js"
import { botTables, fill, ownerOf, wireJson, wireTime } from "../testing/Bots.js"
import { getAs, statusOf } from "../testing/Client.js"
import { assertBounds, assertPages, pageOf } from "../testing/Pages.js"
import { runs } from "../testing/Properties.js"
import { testService } from "../testing/Service.js"
import { fillWithoutTwins } from "../testing/Twins.js"

const PAYMENTS = { path: "/api/payments", rows: "payments", key: "bill_id" }

const wirePayment = (row: PaymentRow) => ({
  ...row,
  amount: Number(row.amount),
  currency: row.currency.toUpperCase(),
  date: wireTime(row.date),
  meta: wireJson(row.meta)
})

for (const metaType of ["JSON", "TEXT"] as const) {
  const random = (maxRows: number) => scenario({ textMeta: metaType === "TEXT", maxRows })

  layer(testService({ prepare: botTables({ metaType }) }), { excludeTestServices: true })(
    `payments, where meta is ${metaType}`,
    (it) => {
      it.effect.prop(
        "come in the contract's order, each once, whatever the size of the pages",
        [random(9)],
        ([{ botId, data }]) =>
          Effect.gen(function* () {
            yield* fill(data)
            const expected = paymentList(data, botId)
            for (const limit of [...expected.keys(), expected.length, 1000].filter((size) => size > 0)) {
              yield* assertPages(PAYMENTS, { bot_id: botId }, ownerOf(data, botId), expected, limit)
            }
          }),
        runs(20)
      )

      it.effect.prop(
        "of days are chosen by each date alone and by both",
        [random(30), FC.boolean(), FC.boolean(), FC.boolean()],
        ([{ botId, data, endDate, startDate, tz }, from, to, zone]) =>
          Effect.gen(function* () {
            yield* fill(data)
            const filter = { ...(from ? { startDate } : {}), ...(to ? { endDate } : {}), ...(zone ? { tz } : {}) }
            const parameters = { bot_id: botId, start_date: filter.startDate, end_date: filter.endDate, tz: filter.tz }
            yield* assertPages(PAYMENTS, parameters, ownerOf(data, botId), paymentList(data, botId, filter), 7)
          }),
        runs(60)
      )

      it.effect.prop(
        "have every value of their row",
        [random(30)],
        ([{ botId, data }]) =>
          Effect.gen(function* () {
            yield* fill(data)
            const rows = new Map(data.payments.map((row) => [row.bill_id, wirePayment(row)]))
            const expected = paymentList(data, botId).map((billId) => rows.get(billId))
            const page = yield* pageOf(PAYMENTS, { bot_id: botId }, ownerOf(data, botId), expected.length)
            assert.deepStrictEqual<unknown>(page.rows, expected)
          }),
        runs(30)
      )

      it.effect.prop(
        "have bounds to pages and limits, and no longest range of days",
        [scenario()],
        ([{ botId, data }]) =>
          Effect.gen(function* () {
            yield* fill(data)
            const owner = ownerOf(data, botId)
            yield* assertBounds(PAYMENTS, botId, owner)
            const statusFor = (start_date?: string, end_date?: string) =>
              statusOf(getAs(owner, PAYMENTS.path, { bot_id: botId, start_date, end_date }))
            assert.strictEqual(yield* statusFor("0001-01-01", "9999-12-31"), 200)
            assert.strictEqual(yield* statusFor("9999-12-31", "9999-12-31"), 200)
            assert.strictEqual(yield* statusFor(undefined, "0001-01-01"), 200)
            assert.strictEqual(yield* statusFor("2024-02-30"), 400)
            assert.strictEqual(yield* statusFor("2024-02-02", "2024-02-01"), 400)
          }),
        runs(1)
      )

      it.effect.prop(
        "of the last second that a DATETIME can hold are in the last day",
        [scenario({ maxRows: 2 })],
        ([{ botId, data }]) =>
          Effect.gen(function* () {
            const date = new Date("9999-12-31T23:59:59Z")
            const template = { user_id: 1, provider: null, amount: "1", currency: "RUB", status: "PAID", meta: null }
            const rows = { ...data, payments: [{ ...template, bill_id: "last", bot_id: botId, date }] }
            yield* fill(rows)
            const parameters = { bot_id: botId, start_date: "9999-12-31", end_date: "9999-12-31" }
            yield* assertPages(PAYMENTS, parameters, ownerOf(rows, botId), ["last"], 10)
          }),
        runs(1)
      )
    }
  )
}

// A database of other software: `bill_id` compares and sorts without regard to case, accents, or both.
for (const billIdCollation of ["utf8mb4_unicode_ci", "utf8mb4_general_ci"]) {
  layer(testService({ prepare: botTables({ billIdCollation }) }), { excludeTestServices: true })(
    `payments, where bill_id is ${billIdCollation}`,
    (it) => {
      it.effect.prop(
        "are in the order of its code points still",
        [scenario({ maxRows: 16 })],
        ([{ botId, data }]) =>
          Effect.gen(function* () {
            const kept = yield* fillWithoutTwins(data)
            const expected = paymentList(kept, botId)
            for (const limit of [1, 3, 100]) {
              yield* assertPages(PAYMENTS, { bot_id: botId }, ownerOf(kept, botId), expected, limit)
            }
          }),
        runs(25)
      )
    }
  )
}
