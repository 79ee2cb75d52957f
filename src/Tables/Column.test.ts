import { assert, describe, it } from "@effect/vitest"
import type { BotTables, FoundColumn } from "../Database/BotTables.js"
import { RawJson } from "../Domain/Json.js"
import { bots } from "./Bots.js"
import { missingColumns } from "./Needed.js"
import { type Payment, payments } from "./Payments.js"
import { subscriptions } from "./Subscriptions.js"
import { users } from "./Users.js"

/** Tables whose columns are all of this type, but for those that are missing. */
const tablesOf = (type: string, missing: ReadonlyArray<string> = []): BotTables => ({
  column: (table, column): FoundColumn | undefined =>
    missing.includes(`${table}.${column}`) ? undefined : { type, declared: type, collation: null, length: null }
})

const ROW = {
  bill_id: "b1",
  user_id: 2 ** 52 - 1,
  bot_id: 5,
  amount: "12345678901234.56789012",
  currency: "rub",
  status: null,
  provider: null,
  date: "2026-01-31 23:59:59.25",
  meta: '{"n": 12345678901234567890}'
}

describe("a row", () => {
  it("is read as a response holds it, and as text with every digit", () => {
    assert.deepStrictEqual(payments.read(tablesOf("json"))(ROW), {
      bill_id: "b1",
      user_id: 2 ** 52 - 1,
      bot_id: 5,
      amount: 12345678901234.568 as Payment["amount"],
      currency: "RUB",
      status: "",
      provider: null,
      date: "2026-01-31T23:59:59.25Z",
      meta: new RawJson(ROW.meta)
    })
    assert.deepStrictEqual(payments.exact(tablesOf("json"))(ROW), {
      ...ROW,
      user_id: "4503599627370495",
      bot_id: "5",
      date: "2026-01-31T23:59:59.25Z"
    })
  })

  it("has values of the types of its columns", () => {
    const payment = payments.read(tablesOf("json"))(ROW)
    // @ts-expect-error an id is no amount
    const wrong: Payment = { ...payment, amount: payment.user_id }
    // @ts-expect-error a time may be missing, a status is not
    const wrongToo: Payment = { ...payment, status: payment.date }
    assert.notStrictEqual(wrong, wrongToo)
  })

  it("has its column's default where the table lacks it, or its value is null", () => {
    const missing = tablesOf("json", ["subscriptions.sub_uid", "subscriptions.keys", "bots.status"])
    const subscription = { uid: 1, user_id: 2, bot_id: 5, status: "Active", start_date: "0000-00-00 00:00:00" }
    assert.deepStrictEqual(subscriptions.read(missing)({ ...subscription, sub_uid: null, keys: null }), {
      ...subscription,
      sub_uid: "",
      sub_url: null,
      start_date: null,
      stop_date: null,
      meta: null,
      keys: null
    })
    const bot = bots.read(missing)({ uid: 1, bot_id: 2, admin_id: 3, balance: 0.1, status: null })
    assert.strictEqual(bot.status, "ACTIVE")
    assert.strictEqual(bot.ref_percent, 0)
    assert.strictEqual(bot.balance, 0.1)
  })

  it("passes on what is JSON, and gives other text as a string, where the column may hold any", () => {
    const user = { uid: 1, user_id: 2, bot_id: 5, username: null, invited: null, reg_date: null, ref_percent: null }
    const metaOf = (type: string, meta: string) => users.read(tablesOf(type))({ ...user, meta }).meta
    assert.deepStrictEqual(metaOf("longtext", "[1]"), new RawJson("[1]"))
    assert.strictEqual(metaOf("longtext", "[1"), "[1")
    assert.deepStrictEqual(metaOf("json", "[1"), new RawJson("[1"))
  })

  it("with what a column can't hold can't be read, which names the column and not the value", () => {
    for (const [name, value] of [
      ["user_id", "me"],
      ["user_id", 1.5],
      ["bot_id", null],
      ["bill_id", null],
      ["amount", "12 roubles"],
      ["date", 20260131],
      ["provider", new Uint8Array([0xff])]
    ] as const) {
      const read = () => payments.read(tablesOf("json"))({ ...ROW, [name]: value })
      assert.throws(read, new RegExp(`^A value of payments\\.${name} is no [a-z ]+$`))
    }
  })
})

describe("the columns without which there is nothing to answer", () => {
  it("are named where they are missing", () => {
    assert.deepStrictEqual(missingColumns(tablesOf("int")), [])
    const missing = ["bots.admin_id", "payments.currency", "subscriptions.start_date"]
    assert.deepStrictEqual(missingColumns(tablesOf("int", [...missing, "users.meta", "bots.status"])), missing)
    assert.deepStrictEqual(missingColumns({ column: () => undefined }), [
      ...["uid", "bot_id", "admin_id"].map((name) => `bots.${name}`),
      ...["uid", "user_id", "bot_id", "reg_date"].map((name) => `users.${name}`),
      ...["bill_id", "user_id", "bot_id", "amount", "currency", "status", "date"].map((name) => `payments.${name}`),
      ...["uid", "user_id", "bot_id", "status", "start_date"].map((name) => `subscriptions.${name}`)
    ])
  })
})
