import { assert, describe, it } from "@effect/vitest"
import { data, payment, subscription, user } from "./Example.js"
import { paymentList, subscriptionList, userList } from "./Lists.js"

const early = "2024-01-01T00:00:00Z"
const late = "2024-01-02T00:00:00Z"

describe("users", () => {
  it("newest reg_date first, nulls last, then highest uid", () => {
    const at = (uid: number, date: string | null, bot_id = 1) =>
      user({ uid, bot_id, reg_date: date === null ? null : new Date(date) })
    const users = [at(1, null), at(2, early), at(3, late), at(10, late), at(9, late), at(11, null), at(12, late, 2)]
    assert.deepStrictEqual(userList(data({ users }), 1), [10, 9, 3, 2, 11, 1])
    assert.deepStrictEqual(userList(data({ users }), 3), [])
    assert.deepStrictEqual(userList(data({ users }), 1, at(3, late)), [2, 11, 1])
    assert.deepStrictEqual(userList(data({ users }), 1, at(5, late)), [3, 2, 11, 1])
    assert.deepStrictEqual(userList(data({ users }), 1, at(11, null)), [1])
  })
})

describe("payments", () => {
  it("newest date first, then bill_id descending by code points, of every status", () => {
    const ids = ["a", "B", "10", "9", "ab", "é", "😀", "\ufffd"]
    const payments = [...ids.map((id) => payment(id, late, { status: "PENDING" })), payment("z", early)]
    const other = payment("y", late, { bot_id: 2 })
    assert.deepStrictEqual(paymentList(data({ payments: [other, ...payments] }), 1), [
      ...["😀", "\ufffd", "é", "ab", "a", "B", "9", "10"],
      "z"
    ])
    const behind = paymentList(data({ payments }), 1, {}, payment("aa", late))
    assert.deepStrictEqual(behind, ["a", "B", "9", "10", "z"])
  })

  it("each date alone or both, included, in days of the zone", () => {
    const times = ["2023-12-31T23:59:59Z", early, "2024-01-01T23:59:59Z", late]
    const rows = data({ payments: times.map((at, i) => payment(String(i), at)) })
    assert.deepStrictEqual(paymentList(rows, 1, { startDate: "2024-01-01" }), ["3", "2", "1"])
    assert.deepStrictEqual(paymentList(rows, 1, { endDate: "2024-01-01" }), ["2", "1", "0"])
    assert.deepStrictEqual(paymentList(rows, 1, { startDate: "2024-01-01", endDate: "2024-01-01" }), ["2", "1"])
    const tokyo = { startDate: "2024-01-01", endDate: "2024-01-01", tz: "Asia/Tokyo" }
    assert.deepStrictEqual(paymentList(rows, 1, tokyo), ["1", "0"])
    assert.deepStrictEqual(paymentList(rows, 1, { tz: "Asia/Tokyo" }).length, 4)
    const skipped = { startDate: "2011-12-30", endDate: "2011-12-30", tz: "Pacific/Apia" }
    const apia = data({ payments: [payment("1", "2011-12-30T10:00:00Z"), payment("2", "2011-12-30T09:59:59Z")] })
    assert.deepStrictEqual(paymentList(apia, 1, skipped), [])
  })
})

describe("subscriptions", () => {
  const subscriptions = [
    subscription(1, null),
    subscription(2, early, { status: "expired " }),
    subscription(3, late, { status: "Expired" }),
    subscription(4, late),
    subscription(5, null, { status: "active" }),
    subscription(6, late, { bot_id: 2 })
  ]

  it("newest start_date first, nulls last, then highest uid", () => {
    assert.deepStrictEqual(subscriptionList(data({ subscriptions }), 1), [4, 3, 2, 5, 1])
    assert.deepStrictEqual(subscriptionList(data({ subscriptions }), 1, "expired", subscription(4, late)), [3, 2])
  })

  it("of a status without regard to case and surrounding blanks", () => {
    assert.deepStrictEqual(subscriptionList(data({ subscriptions }), 1, " EXPIRED"), [3, 2])
    assert.deepStrictEqual(subscriptionList(data({ subscriptions }), 1, "Active"), [4, 5, 1])
    assert.deepStrictEqual(subscriptionList(data({ subscriptions }), 1, "Frozen"), [])
  })
})
