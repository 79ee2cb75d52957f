import { assert, describe, it } from "@effect/vitest"
import { isValid, sign } from "@tma.js/init-data-node"
import * as Either from "effect/Either"
import * as fc from "effect/FastCheck"
import { runs } from "../testing/Properties.js"
import { signInitData } from "../testing/SignInitData.js"
import { hmacKey, verifyInitData } from "./InitData.js"

const token = "123456789:TEST-token_for-unit-tests-only0000000"
const key = hmacKey(token)
const authDate = 1_700_000_000
const user = JSON.stringify({ id: 42, first_name: "A&B=1%+ é", last_name: "" })

const accepted = (raw: string) =>
  Either.getOrNull(verifyInitData(raw, { key, nowMillis: authDate * 1000, maxAgeMillis: 86_400_000 }))
const oracle = (raw: string) => isValid(raw, token, { expiresIn: 0 })
const decoded = (raw: string) => [...new URLSearchParams(raw)].map(([name, value]) => `${name}\0${value}`).sort()

const fieldName = fc.stringMatching(/^[a-z_]{1,12}$/).filter((name) => !["hash", "user", "auth_date"].includes(name))
const fieldValue = fc.string({ unit: "grapheme", maxLength: 20 }).filter((value) => !/\p{Cc}/u.test(value))
const extraFields = fc.dictionary(fieldName, fieldValue, { maxKeys: 8 })

describe("against @tma.js/init-data-node", () => {
  it.prop(
    "both accept well-formed signed data",
    [extraFields, fc.integer({ min: 1, max: 2 ** 52 - 1 }), fieldValue],
    ([extra, id, name]) => {
      const fields = {
        ...extra,
        user: JSON.stringify({ id, first_name: name }),
        auth_date: String(authDate)
      }
      const raw = signInitData(token, fields)
      fc.pre(raw.length <= 4096)
      const result = accepted(raw)
      assert.isTrue(oracle(raw))
      assert.strictEqual(result?.user.id, id)
      assert.strictEqual(result?.user.firstName, name)
      for (const [field, value] of Object.entries(fields)) assert.strictEqual(result?.fields.get(field), value)
    },
    runs(200)
  )

  it.prop(
    "we accept what it signs",
    [fc.integer({ min: 1, max: 2 ** 52 - 1 }), fieldValue, fieldValue],
    ([id, name, parameter]) => {
      const person = { id, first_name: name, last_name: "" }
      const raw = sign({ user: person, start_param: parameter, query_id: "q" }, token, new Date(authDate * 1000))
      assert.strictEqual(accepted(raw)?.user.id, id)
    },
    runs(100)
  )

  it("is stricter where the library is known to be lax", () => {
    const fields = { user, auth_date: String(authDate), query_id: "q", signature: "s" }
    const good = signInitData(token, fields)
    const folded = good.replace("&signature=s", "").replace("query_id=q", "query_id=q%0Asignature%3Ds")
    const lax = [
      `hash=${"0".repeat(64)}&${good}`,
      folded,
      signInitData(token, { ...fields, auth_date: String(authDate + 10 * 365 * 86_400) }),
      signInitData(token, { ...fields, auth_date: `${authDate}abc` }),
      signInitData(token, { auth_date: String(authDate) }),
      signInitData(token, { ...fields, user: "{}" })
    ]
    for (const raw of lax) {
      assert.isTrue(oracle(raw))
      assert.isNull(accepted(raw))
    }
  })
})

const good = signInitData(token, {
  user,
  auth_date: String(authDate),
  query_id: "AAE",
  signature: "made-up",
  chat_type: "",
  start_param: "a=b"
})

const snippets = [
  ..."&=%+;#0aAé\0\n\x7F\uD800",
  ...["%00", "%0A", "%26", "%3D", "%25", "%2B", "%20", "%ff", "%C3%A9", "🚀", "&&", "&=", "&=&"],
  ...["&hash=", "&user=", "&auth_date=", "&x", "&__proto__=", "%0Auser%3D", "%68ash=", "null", "9".repeat(30)]
]

type Mutation = (raw: string) => string
const position = fc.nat({ max: good.length })
const split = (raw: string) => raw.split("&")
const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(position, fc.constantFrom(...snippets)).map(([at, text]) => (raw: string) => {
    return raw.slice(0, at) + text + raw.slice(at)
  }),
  fc.tuple(position, fc.constantFrom(...snippets)).map(([at, text]) => (raw: string) => {
    return raw.slice(0, at) + text + raw.slice(at + text.length)
  }),
  fc.tuple(position, fc.nat({ max: 12 })).map(
    ([at, count]) =>
      (raw: string) =>
        raw.slice(0, at) + raw.slice(at + count)
  ),
  fc.tuple(position, fc.nat({ max: 80 })).map(
    ([at, count]) =>
      (raw: string) =>
        raw + raw.slice(at, at + count)
  ),
  // The same bytes in another encoding.
  position.map((at) => (raw: string) => {
    const code = raw.charCodeAt(at)
    return code < 128 ? `${raw.slice(0, at)}%${code.toString(16).padStart(2, "0")}${raw.slice(at + 1)}` : raw
  }),
  position.map((at) => (raw: string) => raw.slice(0, at) + raw.slice(at).toUpperCase()),
  fc.tuple(fc.nat({ max: 6 }), fc.nat({ max: 6 })).map(([from, to]) => (raw: string) => {
    const segments = split(raw)
    const [moved = ""] = segments.splice(from, 1)
    segments.splice(to, 0, moved)
    return segments.join("&")
  }),
  fc.nat({ max: 6 }).map((at) => (raw: string) => [...split(raw), split(raw)[at] ?? ""].join("&")),
  // A separator that becomes part of a value, and one of a value that becomes a separator.
  fc.constantFrom("&", "=", "%26", "%3D").chain((mark) =>
    fc
      .tuple(fc.nat({ max: 6 }), fc.constantFrom("%0A", "\n", "%26", "%3D", "&", "=", ""))
      .map(([at, text]) => (raw: string) => {
        const parts = raw.split(mark)
        return parts.length <= at + 1
          ? raw
          : [...parts.slice(0, at), `${parts[at]}${text}${parts[at + 1]}`, ...parts.slice(at + 2)].join(mark)
      })
  ),
  fc.string({ maxLength: 60 }).map((text) => () => text)
)

describe("mutations of good data", () => {
  it("are never accepted unless they decode to the same fields, and never throw", () => {
    let same = 0
    let refused = 0
    const original = decoded(good)
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 3 }), (mutations) => {
        const raw = mutations.reduce((text, mutate) => mutate(text), good)
        if (accepted(raw) === null) {
          refused++
        } else {
          same++
          assert.deepEqual(decoded(raw), original)
          assert.isTrue(oracle(raw))
        }
      }),
      runs(5000).fastCheck
    )
    assert.isAbove(same, 100)
    assert.isAbove(refused, 2000)
  })
})
