import { assert, describe, it } from "@effect/vitest"
import { saidPurpose, saidTrial } from "./Meta.js"

const purpose = (meta: unknown) => saidPurpose(JSON.stringify(meta))
const trial = (meta: unknown) => saidTrial(JSON.stringify(meta))

describe("what meta says a payment was for", () => {
  it("is one of eight words, or other", () => {
    for (const kind of ["key", "purchase", "buy", "new"]) assert.strictEqual(purpose({ kind }), "key")
    for (const kind of ["renewal", "renew", "extend", "prolong"]) assert.strictEqual(purpose({ kind }), "renewal")
    for (const kind of ["topup", "gift", "keys", "trial", "true", "\u00a0key"]) {
      assert.strictEqual(purpose({ kind }), "other")
    }
  })

  it("is read without case and surrounding blanks", () => {
    assert.strictEqual(purpose({ kind: " \t\r\nKEY \n" }), "key")
    assert.strictEqual(purpose({ kind: "Re new" }), "other")
  })

  it("is under kind, else type, else purpose", () => {
    assert.strictEqual(purpose({ purpose: "renew", type: "gift", kind: "key" }), "key")
    assert.strictEqual(purpose({ purpose: "key", type: "renew" }), "renewal")
    assert.strictEqual(purpose({ purpose: "key" }), "key")
    assert.strictEqual(purpose({ Kind: "key", KIND: "key", "kind ": "key" }), undefined)
  })

  it("is looked for in the next where a kind is no text, or blank", () => {
    for (const kind of [null, true, 1, ["key"], { kind: "key" }, "", " \t"]) {
      assert.strictEqual(purpose({ kind }), undefined)
      assert.strictEqual(purpose({ kind, type: "renew" }), "renewal")
      assert.strictEqual(purpose({ kind, type: kind, purpose: "gift" }), "other")
    }
  })

  it("is not said where meta is no JSON object", () => {
    const texts = ["null", "true", "1", '"key"', "[]", '[{"kind":"key"}]', '"{\\"kind\\":\\"key\\"}"']
    for (const meta of [null, "", "key", "{", "{kind:'key'}", ...texts])
      assert.strictEqual(saidPurpose(meta), undefined)
  })
})

describe("what meta says about a trial", () => {
  it("is yes where trial or is_trial is true", () => {
    for (const value of [true, 1, "true", "1", "TRUE", " True ", "\t1\n"]) {
      assert.strictEqual(trial({ trial: value }), true)
      assert.strictEqual(trial({ is_trial: value }), true)
      assert.strictEqual(trial({ trial: false, is_trial: value, kind: "key" }), true)
    }
    assert.strictEqual(saidTrial('{"trial":1.0}'), true)
  })

  it("is yes where kind, else type, is trial", () => {
    assert.strictEqual(trial({ kind: "Trial" }), true)
    assert.strictEqual(trial({ type: " TRIAL " }), true)
    assert.strictEqual(trial({ kind: "", type: "trial" }), true)
    assert.strictEqual(trial({ kind: 1, type: "trial" }), true)
    assert.strictEqual(trial({ kind: "trial", type: "paid" }), true)
    assert.strictEqual(trial({ trial: false, kind: "trial" }), true)
  })

  it("is no where one of these four is there with another value", () => {
    for (const value of [false, 0, null, 2, "", "yes", "false", "1.0", "trial", [], [true], {}]) {
      assert.strictEqual(trial({ trial: value }), false)
      assert.strictEqual(trial({ is_trial: value }), false)
    }
    assert.strictEqual(trial({ kind: "key" }), false)
    assert.strictEqual(trial({ type: "month" }), false)
    assert.strictEqual(trial({ kind: "key", type: "trial" }), false)
  })

  it("is nothing where none is, or a kind is blank or no text", () => {
    for (const meta of [
      {},
      { kind: "" },
      { kind: 7, type: " " },
      { type: null },
      { purpose: "trial" },
      { Trial: true }
    ]) {
      assert.strictEqual(trial(meta), undefined)
    }
    for (const meta of [null, "", "{", "true", "1", '"trial"', '[{"trial":true}]', '{"trial":True}']) {
      assert.strictEqual(saidTrial(meta), undefined)
    }
  })
})
