import { describe, expect, it } from "@effect/vitest"
import * as Either from "effect/Either"
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
    expect(fields.get("start_param")).toBe("%2541+%2B")
    expect(fields.get("query_id")).toBe("")
    expect(fields.get("extra")).toBe(name)
    const plain = Either.getOrThrow(parse(`${raw()}&a=x+y%2Bz%2525&b&c=p=q&&%64=%EF%BB%BF1&`))
    expect(["a", "b", "c", "d"].map((key) => plain.fields.get(key))).toEqual(["x y+z%25", "", "p=q", "\uFEFF1"])
    expect(plain.fields.has("")).toBe(false)
  })

  it("reads what it names", () => {
    const data = Either.getOrThrow(parse(raw({ signature: "sig" })))
    expect(data).toMatchObject({ hash, signature: "sig", authDate: 1_700_000_000, user: { id: 42, firstName: "Anna" } })
    expect(Either.getOrThrow(parse(raw())).signature).toBeNull()
    expect(Either.getOrThrow(parse(raw({ signature: "" }))).signature).toBeNull()
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
    expect(tagOf(input)).toBe("MalformedInitData")
    expect(messageOf(input)).toBe(message)
  })

  it.each(["", " ", "-1", "+1", "1.0", "1e9", "0x10", "170000000a", " 1700000000", "1700000000\n", "١٢٣", "NaN"])(
    "malformed auth_date: %j",
    (value) => {
      expect(tagOf(raw({ auth_date: value }))).toBe("MalformedInitData")
    }
  )

  it("has no overflow in auth_date", () => {
    expect(Either.getOrThrow(parse(raw({ auth_date: "9".repeat(400) }))).authDate).toBe(Number.POSITIVE_INFINITY)
    expect(Either.getOrThrow(parse(raw({ auth_date: "18446744075409551616" }))).authDate).toBeGreaterThan(2 ** 64)
  })

  it.each([0, 9, 10, 13, 31, 127, 128, 133, 159])("control character %i", (code) => {
    const character = String.fromCharCode(code)
    for (const input of [raw({ start_param: `a${character}b` }), raw({ [`a${character}`]: "1" })]) {
      expect(messageOf(input)).toBe("init_data has a control character")
      expect(tagOf(input)).toBe("InvalidInitData")
    }
    expect(tagOf(raw({ user: `${user}${character}` }))).toBe("InvalidInitData")
    expect(tagOf(`${raw()}&x=${character}`)).toBe("InvalidInitData")
  })

  it("takes what is no control character", () => {
    expect(tagOf(raw({ user: JSON.stringify({ id: 1, first_name: "a\nb" }), x: "\u00A0\u200B\u2028\u{10FFFF}" }))).toBe(
      "ok"
    )
  })

  it("a key with = in it is forged: the signed line could be another field's", () => {
    expect(tagOf(`${raw()}&start_param%3Da=b`)).toBe("InvalidInitData")
    expect(tagOf(`${raw()}&start_param=a%3Db`)).toBe("ok")
  })

  it("at most 4096 characters", () => {
    const padding = 4096 - raw({ x: "" }).length
    expect(tagOf(raw({ x: "y".repeat(padding) }))).toBe("ok")
    expect(tagOf(raw({ x: "y".repeat(padding + 1) }))).toBe("InvalidInitData")
    expect(tagOf("&".repeat(4097))).toBe("InvalidInitData")
    expect(tagOf("%".repeat(10_000_000))).toBe("InvalidInitData")
  })

  it("fields named like properties of every object are fields", () => {
    const { fields } = Either.getOrThrow(parse(`${raw()}&__proto__=p&constructor=c&toString=t`))
    expect(["__proto__", "constructor", "toString"].map((key) => fields.get(key))).toEqual(["p", "c", "t"])
    expect(messageOf("__proto__=1&constructor=2")).toBe("init_data has no hash")
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
      expect(error.message).not.toContain(secret)
      expect(JSON.stringify(error)).not.toContain(secret)
    }
  })
})

describe("user", () => {
  it("keeps names that are text, and nothing else", () => {
    const all = { id: 7, username: "u", first_name: "f", last_name: "l", language_code: "ru", is_premium: true }
    expect(Either.getOrThrow(withUser(JSON.stringify(all))).user).toEqual({
      id: 7,
      isBot: false,
      username: "u",
      firstName: "f",
      lastName: "l",
      languageCode: "ru"
    })
    expect(Either.getOrThrow(withUser('{"id":7,"username":1,"first_name":null,"last_name":["x"]}')).user).toEqual({
      id: 7,
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
    expect(Either.getOrThrow(withUser(`{"id":${id}}`)).user.id).toBe(value)
  })

  it("the last of two equal keys counts, and __proto__ is no way to an id", () => {
    expect(Either.getOrThrow(withUser('{"id":1,"id":2}')).user.id).toBe(2)
    expect(Either.isLeft(withUser('{"__proto__":{"id":5}}'))).toBe(true)
    expect(Either.getOrThrow(withUser('{"id":1,"__proto__":{"is_bot":true,"username":"x"}}')).user).toMatchObject({
      isBot: false,
      username: null
    })
  })

  it("a bot is well formed; the verdict on it is not about the structure", () => {
    expect(Either.getOrThrow(withUser('{"id":7,"is_bot":true}')).user.isBot).toBe(true)
    expect(Either.getOrThrow(withUser('{"id":7,"is_bot":false}')).user.isBot).toBe(false)
  })

  it.each(["", "null", "1", '"x"', "[]", '[{"id":1}]', "{}", "{'id':1}", '{"id":1', '{"id":1} x', "[".repeat(1000)])(
    "malformed: %#",
    (json) => {
      expect(Either.getOrThrow(Either.flip(withUser(json)))._tag).toBe("MalformedInitData")
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
    expect(error._tag).toBe("MalformedInitData")
    expect(error.message).toBe("init_data: user has no id that is a positive integer of at most 52 bits")
  })

  it("an array is no object", () => {
    expect(messageOf(raw({ user: '[{"id":1}]' }))).toBe("init_data: user is not a JSON object")
    expect(messageOf(raw({ user: "{" }))).toBe("init_data: user is not JSON")
  })

  it("deep nesting is no exception", () => {
    expect(tagOf(raw({ user: `{"id":1,"x":${"[".repeat(500)}${"]".repeat(500)}}` }))).toBe("ok")
    expect(tagOf(raw({ user: `{"id":1,"x":${"[".repeat(500)}` }))).toBe("MalformedInitData")
    expect(tagOf(`${form({ auth_date: authDate, hash })}&user=${"[".repeat(3900)}`)).toBe("MalformedInitData")
  })
})
