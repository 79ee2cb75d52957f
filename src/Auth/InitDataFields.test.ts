import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import { TelegramId } from "../Domain/Ids.js"
import { parse } from "./InitData.js"

const hash = "a".repeat(64)
const authDate = "1700000000"
const user = JSON.stringify({ id: 42, first_name: "Anna" })

const form = (fields: Readonly<Record<string, string>>) => new URLSearchParams(Object.entries(fields)).toString()
const raw = (fields: Readonly<Record<string, string>> = {}) => form({ auth_date: authDate, user, ...fields, hash })
const withUser = (json: string) => parse(raw({ user: json }))

const tagOf = (input: string) => Either.match(parse(input), { onLeft: (e) => e._tag, onRight: () => "ok" })
const messageOf = (input: string) => Either.match(parse(input), { onLeft: (e) => e.message, onRight: () => "ok" })

describe("fields", () => {
  it("decodes once, and keeps blank values, spaces and the separators inside values", () => {
    const name = 'A&B = 100% + "Ünïcødé" 🚀'
    const { fields } = Either.getOrThrow(parse(raw({ start_param: "%2541+%2B", query_id: "", extra: name })))
    assert.strictEqual(fields.get("start_param"), "%2541+%2B")
    assert.strictEqual(fields.get("query_id"), "")
    assert.strictEqual(fields.get("extra"), name)
    const plain = Either.getOrThrow(parse(`${raw()}&a=x+y%2Bz%2525&b&c=p=q&&%64=%EF%BB%BF1&`))
    assert.deepEqual(
      ["a", "b", "c", "d"].map((key) => plain.fields.get(key)),
      ["x y+z%25", "", "p=q", "\uFEFF1"]
    )
    assert.isFalse(plain.fields.has(""))
  })

  it("reads what it names", () => {
    const data = Either.getOrThrow(parse(raw({ signature: "sig" })))
    assert.deepInclude(data, { hash, signature: "sig", authDate: 1_700_000_000 })
    assert.deepInclude(data.user, { id: TelegramId.make(42), firstName: "Anna" })
    assert.isNull(Either.getOrThrow(parse(raw())).signature)
    assert.isNull(Either.getOrThrow(parse(raw({ signature: "" }))).signature)
  })

  it.each<Array<string>>([
    ["", "init_data has no hash"],
    ["garbage", "init_data has no hash"],
    [form({ auth_date: authDate, user }), "init_data has no hash"],
    [form({ auth_date: authDate, user, hash: "" }), "init_data: hash is empty"],
    [form({ auth_date: authDate, user, HASH: hash }), "init_data has no hash"],
    [form({ user, hash }), "init_data has no auth_date"],
    [form({ auth_date: authDate, hash }), "init_data has no user"],
    [`${raw()}&user=%7B%7D`, 'init_data: the key "user" comes twice'],
    [`hash=${hash}&${raw()}`, 'init_data: the key "hash" comes twice'],
    [`${raw()}&%75ser=%7B%7D`, 'init_data: the key "user" comes twice'],
    [`${raw()}&a&a=`, 'init_data: the key "a" comes twice'],
    [`${raw()}&__proto__=1&__proto__=2`, 'init_data: the key "__proto__" comes twice'],
    [`${raw()}&%F0%9F%98%80=1&%F0%9F%98%80=2`, "init_data: a key comes twice"],
    [`${raw()}&${"k".repeat(40)}=1&${"k".repeat(40)}=2`, "init_data: a key comes twice"],
    ...["%", "%4", "%zz", "%ff", "%c0%af", "%ed%a0%80", "%f4%90%80%80", "%e2%82", "%u0041"].map((bad) => [
      `${raw()}&x=${bad}`,
      "init_data is not form-encoded UTF-8"
    ]),
    [`${raw()}&%ff=1`, "init_data is not form-encoded UTF-8"],
    [`${raw()}&x=\uD800`, "init_data is not well-formed Unicode text"]
  ])("malformed: %#", (input = "", message = "") => {
    assert.strictEqual(tagOf(input), "MalformedInitData")
    assert.strictEqual(messageOf(input), message)
  })

  it.each(["", " ", "-1", "+1", "1.0", "1e9", "0x10", "170000000a", " 1700000000", "1700000000\n", "١٢٣", "NaN"])(
    "malformed auth_date: %j",
    (value) => {
      assert.strictEqual(tagOf(raw({ auth_date: value })), "MalformedInitData")
    }
  )

  it("has no overflow in auth_date", () => {
    assert.strictEqual(Either.getOrThrow(parse(raw({ auth_date: "9".repeat(400) }))).authDate, Number.POSITIVE_INFINITY)
    assert.isAbove(Either.getOrThrow(parse(raw({ auth_date: "18446744075409551616" }))).authDate, 2 ** 64)
  })

  it.each([0, 9, 10, 13, 31, 127, 128, 133, 159])("control character %i", (code) => {
    const character = String.fromCharCode(code)
    for (const input of [raw({ start_param: `a${character}b` }), raw({ [`a${character}`]: "1" })]) {
      assert.strictEqual(messageOf(input), "init_data has a control character")
      assert.strictEqual(tagOf(input), "InvalidInitData")
    }
    assert.strictEqual(tagOf(raw({ user: `${user}${character}` })), "InvalidInitData")
    assert.strictEqual(tagOf(`${raw()}&x=${character}`), "InvalidInitData")
  })

  it("takes what is no control character", () => {
    assert.strictEqual(
      tagOf(raw({ user: JSON.stringify({ id: 1, first_name: "a\nb" }), x: "\u00A0\u200B\u2028\u{10FFFF}" })),
      "ok"
    )
  })

  it("a key with = in it is forged: the signed line could be another field's", () => {
    assert.strictEqual(tagOf(`${raw()}&start_param%3Da=b`), "InvalidInitData")
    assert.strictEqual(tagOf(`${raw()}&start_param=a%3Db`), "ok")
  })

  it("at most 4096 characters", () => {
    const padding = 4096 - raw({ x: "" }).length
    assert.strictEqual(tagOf(raw({ x: "y".repeat(padding) })), "ok")
    assert.strictEqual(tagOf(raw({ x: "y".repeat(padding + 1) })), "InvalidInitData")
    assert.strictEqual(tagOf("&".repeat(4097)), "InvalidInitData")
    assert.strictEqual(tagOf("%".repeat(10_000_000)), "InvalidInitData")
  })

  it("fields named like properties of every object are fields", () => {
    const { fields } = Either.getOrThrow(parse(`${raw()}&__proto__=p&constructor=c&toString=t`))
    assert.deepEqual(
      ["__proto__", "constructor", "toString"].map((key) => fields.get(key)),
      ["p", "c", "t"]
    )
    assert.strictEqual(messageOf("__proto__=1&constructor=2"), "init_data has no hash")
  })

  it("never repeats the input in a message", () => {
    const secret = "SeCrEt"
    const rest = `auth_date=${authDate}&user=${encodeURIComponent(user)}&hash=${hash}`
    const inputs = [
      `a=${secret}&a=${secret}`,
      `hash=${secret}&auth_date=${secret}`,
      `hash=${secret}&auth_date=1&user=${secret}`,
      `${rest}&a=%0A${secret}`,
      `${rest}&a=%${secret}`,
      `${rest}&${secret}%3D=1`
    ]
    for (const input of inputs) {
      const error = Either.getOrThrow(Either.flip(parse(input)))
      assert.notInclude(error.message, secret)
      assert.notInclude(JSON.stringify(error), secret)
    }
  })
})

describe("user", () => {
  it("keeps names that are text, and nothing else", () => {
    const all = { id: 7, username: "u", first_name: "f", last_name: "l", language_code: "ru", is_premium: true }
    assert.deepEqual(Either.getOrThrow(withUser(JSON.stringify(all))).user, {
      id: TelegramId.make(7),
      isBot: false,
      username: "u",
      firstName: "f",
      lastName: "l",
      languageCode: "ru"
    })
    assert.deepEqual(Either.getOrThrow(withUser('{"id":7,"username":1,"first_name":null,"last_name":["x"]}')).user, {
      id: TelegramId.make(7),
      isBot: false,
      username: null,
      firstName: null,
      lastName: null,
      languageCode: null
    })
  })

  it.each([
    ["1", 1],
    ["4503599627370495", 4_503_599_627_370_495],
    ["1e3", 1000],
    ["5.0", 5]
  ])("id %s", (id, value) => {
    assert.strictEqual(Either.getOrThrow(withUser(`{"id":${id}}`)).user.id, value)
  })

  it("the last of two equal keys counts, and __proto__ is no way to an id", () => {
    assert.strictEqual(Either.getOrThrow(withUser('{"id":1,"id":2}')).user.id, 2)
    assert.isTrue(Either.isLeft(withUser('{"__proto__":{"id":5}}')))
    assert.deepInclude(Either.getOrThrow(withUser('{"id":1,"__proto__":{"is_bot":true,"username":"x"}}')).user, {
      isBot: false,
      username: null
    })
  })

  it("a bot is well formed; the verdict on it is not about the structure", () => {
    assert.isTrue(Either.getOrThrow(withUser('{"id":7,"is_bot":true}')).user.isBot)
    assert.isFalse(Either.getOrThrow(withUser('{"id":7,"is_bot":false}')).user.isBot)
  })

  it.each(["", "null", "1", '"x"', "[]", '[{"id":1}]', "{}", "{'id':1}", '{"id":1', '{"id":1} x', "[".repeat(1000)])(
    "malformed: %#",
    (json) => {
      assert.strictEqual(Either.getOrThrow(Either.flip(withUser(json)))._tag, "MalformedInitData")
    }
  )

  it.each([
    "0",
    "-0",
    "-1",
    "1.5",
    "4503599627370496",
    "1e400",
    "9007199254740993",
    '"5"',
    "null",
    "true",
    "[5]",
    "{}"
  ])("malformed id: %s", (id) => {
    const error = Either.getOrThrow(Either.flip(withUser(`{"id":${id}}`)))
    assert.strictEqual(error._tag, "MalformedInitData")
    assert.strictEqual(error.message, "init_data: user has no id that is a positive integer of at most 52 bits")
  })

  it("an array is no object", () => {
    assert.strictEqual(messageOf(raw({ user: '[{"id":1}]' })), "init_data: user is not a JSON object")
    assert.strictEqual(messageOf(raw({ user: "{" })), "init_data: user is not JSON")
  })

  it("deep nesting is no exception", () => {
    assert.strictEqual(tagOf(raw({ user: `{"id":1,"x":${"[".repeat(500)}${"]".repeat(500)}}` })), "ok")
    assert.strictEqual(tagOf(raw({ user: `{"id":1,"x":${"[".repeat(500)}` })), "MalformedInitData")
    assert.strictEqual(tagOf(`${form({ auth_date: authDate, hash })}&user=${"[".repeat(3900)}`), "MalformedInitData")
  })
})
