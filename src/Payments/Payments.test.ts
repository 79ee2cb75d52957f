import { assert, describe, it } from "@effect/vitest"
import * as FC from "effect/FastCheck"
import type { PaymentRow } from "../../tools/bots/Rows.js"
import { paymentList } from "../../tools/oracle/Lists.js"
import { type Scenario, scenario } from "../../tools/oracle/RandomRows.js"
import { forAll, ownerOf, serviceOverBots, wireJson, wireTime } from "../testing/Bots.js"
import { assertBounds, assertPages, pageOf } from "../testing/Pages.js"
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
  describe(`payments, where meta is ${metaType}`, () => {
    const { fill, get } = serviceOverBots({ metaType })
    const random = (maxRows: number) => scenario({ textMeta: metaType === "TEXT", maxRows })

    it("come in the contract's order, each once, whatever the size of the pages", () =>
      forAll(random(9), 20, async ({ botId, data }) => {
        await fill(data)
        const expected = paymentList(data, botId)
        for (const limit of [...expected.keys(), expected.length, 1000].filter((size) => size > 0)) {
          await assertPages(get, PAYMENTS, { bot_id: botId }, ownerOf(data, botId), expected, limit)
        }
      }))

    it("of days are chosen by each date alone and by both", () =>
      forAll(FC.tuple(random(30), FC.boolean(), FC.boolean(), FC.boolean()), 60, async ([rows, from, to, zone]) => {
        const { botId, data } = rows
        await fill(data)
        const filter = {
          ...(from ? { startDate: rows.startDate } : {}),
          ...(to ? { endDate: rows.endDate } : {}),
          ...(zone ? { tz: rows.tz } : {})
        }
        const parameters = { bot_id: botId, start_date: filter.startDate, end_date: filter.endDate, tz: filter.tz }
        await assertPages(get, PAYMENTS, parameters, ownerOf(data, botId), paymentList(data, botId, filter), 7)
      }))

    it("have every value of their row", () =>
      forAll(random(30), 30, async ({ botId, data }) => {
        await fill(data)
        const rows = new Map(data.payments.map((row) => [row.bill_id, wirePayment(row)]))
        const expected = paymentList(data, botId).map((billId) => rows.get(billId))
        const { rows: payments } = await pageOf(get, PAYMENTS, { bot_id: botId }, ownerOf(data, botId), expected.length)
        assert.deepStrictEqual<unknown>(payments, expected)
      }))

    it("have bounds to pages and limits, and no longest range of days", () =>
      forAll(scenario(), 1, async ({ botId, data }) => {
        await fill(data)
        const owner = ownerOf(data, botId)
        await assertBounds(get, PAYMENTS, botId, owner)
        const status = async (start_date?: string, end_date?: string) =>
          (await get(PAYMENTS.path, { bot_id: botId, start_date, end_date }, owner)).status
        assert.strictEqual(await status("0001-01-01", "9999-12-31"), 200)
        assert.strictEqual(await status("9999-12-31", "9999-12-31"), 200)
        assert.strictEqual(await status(undefined, "0001-01-01"), 200)
        assert.strictEqual(await status("2024-02-30"), 400)
        assert.strictEqual(await status("2024-02-02", "2024-02-01"), 400)
      }))
  })
}

describe.each(["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])("a payment at the calendar's end, %s", (time) => {
  const { fill, get } = serviceOverBots()
  it("is in its day, whichever date is given", () =>
    forAll(scenario({ maxRows: 2 }), 1, async ({ botId, data }) => {
      const template = { user_id: 1, provider: null, amount: "1", currency: "RUB", status: "PAID", meta: null }
      const rows = { ...data, payments: [{ ...template, bill_id: "end", bot_id: botId, date: new Date(time) }] }
      await fill(rows)
      const day = time.slice(0, 10)
      for (const dates of [{}, { start_date: day }, { end_date: day }, { start_date: day, end_date: day }]) {
        await assertPages(get, PAYMENTS, { bot_id: botId, ...dates }, ownerOf(rows, botId), ["end"], 10)
      }
    }))
})

// A database of other software: `bill_id` compares and sorts without regard to case, accents, or both.
for (const billIdCollation of ["utf8mb4_unicode_ci", "utf8mb4_general_ci"]) {
  describe(`payments, where bill_id is ${billIdCollation}`, () => {
    const { get, ...tables } = serviceOverBots({ billIdCollation })

    it("are in the order of its code points still", () =>
      forAll(scenario({ maxRows: 16 }), 25, async (rows: Scenario) => {
        const data = await fillWithoutTwins(tables, rows.data)
        const expected = paymentList(data, rows.botId)
        for (const limit of [1, 3, 100]) {
          await assertPages(get, PAYMENTS, { bot_id: rows.botId }, ownerOf(data, rows.botId), expected, limit)
        }
      }))
  })
}
