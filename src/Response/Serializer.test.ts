import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Either from "effect/Either"
import * as FC from "effect/FastCheck"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { Api } from "../Api.js"
import { Json, RawJson } from "../Domain/Json.js"
import { UtcTime } from "../Domain/Time.js"
import { serializer } from "./Serializer.js"

const Item = Schema.Struct({
  id: Schema.Int.pipe(Schema.positive(), Schema.brand("Id")),
  'a "name"': Schema.NullOr(Schema.String),
  kind: Schema.Literal("one", 2, null),
  at: Schema.NullOr(UtcTime),
  share: Schema.JsonNumber,
  good: Schema.Boolean,
  meta: Json
})
const List = Schema.Struct({
  items: Schema.Array(Item),
  next: Schema.optional(Schema.Union(Schema.String, Schema.Int))
})
const write = serializer(List)

const good = { id: 1, 'a "name"': "x", kind: "one", at: null, share: 0.5, good: true, meta: {} }
const messageOf = (item: object): string => {
  try {
    return `written: ${write({ items: [{ ...good, ...item }], next: undefined })}`
  } catch (error) {
    assert.isTrue(ParseResult.isParseError(error), String(error))
    return String(error)
  }
}

/** Those that are JSON. */
const responses = Object.values(Api.groups).flatMap((group) =>
  Object.values(group.endpoints).flatMap(({ name, successSchema }) =>
    HttpApiSchema.getEncoding(successSchema.ast).kind === "Json"
      ? [{ name, schema: Schema.make<unknown>(successSchema.ast) }]
      : []
  )
)

/** What a driver may give where something else is expected. JSON has a text for each. */
const unlikely = FC.oneof(
  FC.constantFrom<unknown>(null, true, "", "x", "2026-01-31", -1, 0.5, 2 ** 53, 1e21, "1e3", [], {}, [null], {
    uid: 1
  }),
  FC.jsonValue()
)

const isBranch = (value: unknown): value is object => typeof value === "object" && value !== null

/** How many places there are in a value, itself among them. */
const placesIn = (value: unknown): number =>
  isBranch(value) ? Object.values(value).reduce<number>((sum, item) => sum + placesIn(item), 1) : 1

/** The same value with something else at one of its places. */
const withAt = (value: unknown, place: number, other: unknown): unknown => {
  let left = place % placesIn(value)
  const walk = (value: unknown): unknown => {
    if (left-- === 0) return other
    if (!isBranch(value)) return value
    const items = Object.entries(value).map(([key, item]) => [key, walk(item)] as const)
    return Array.isArray(value) ? items.map(([, item]) => item) : Object.fromEntries(items)
  }
  return walk(value)
}

describe("a serializer", () => {
  it("writes what JSON.stringify writes, whatever is in the texts and numbers", () =>
    FC.assert(
      FC.property(
        FC.record({
          items: FC.array(
            FC.record({
              id: FC.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
              'a "name"': FC.option(FC.string({ unit: "binary", maxLength: 80 })),
              kind: FC.constantFrom("one", 2, null),
              at: FC.constantFrom(null, "2026-01-31T23:59:59Z", "2026-01-31T23:59:59.123456Z"),
              share: FC.double({ noNaN: true, noDefaultInfinity: true }),
              good: FC.boolean(),
              meta: FC.jsonValue()
            })
          ),
          next: FC.option(FC.oneof(FC.string(), FC.integer()), { nil: undefined })
        }),
        (value) => assert.strictEqual(write(value), JSON.stringify(value))
      ),
      { numRuns: 300 }
    ))

  it("escapes lone surrogates and control characters, in short texts and in long ones", () => {
    for (const text of ["\ud800", "\udfff", "\u0000", "\u001f", '"', "\\", "\u2028", "\u007f", "😀"]) {
      for (const padding of ["", "x".repeat(100)]) {
        const value = { items: [{ ...good, 'a "name"': padding + text }], next: undefined }
        assert.strictEqual(write(value), JSON.stringify(value))
      }
    }
  })

  it("passes a JSON column's text on as it is", () => {
    assert.include(
      messageOf({ meta: new RawJson('{"n":  12345678901234567890}') }),
      '"meta":{"n":  12345678901234567890}}'
    )
  })

  it("leaves out what no schema names", () => {
    assert.notInclude(messageOf({ secret: 1 }), "secret")
  })

  it("refuses what does not fit, and says where, as Schema does", () => {
    assert.match(messageOf({}), /^written/)
    for (const item of [
      { id: 1.5 },
      { id: 0 },
      { id: "1" },
      { id: 2 ** 53 },
      { id: undefined },
      { 'a "name"': 5 },
      { 'a "name"': undefined },
      { kind: "two" },
      { at: "2026-01-31 23:59:59" },
      { at: "" },
      { share: Number.NaN },
      { share: Number.POSITIVE_INFINITY },
      { share: "0.5" },
      { good: 1 }
    ]) {
      const [name = ""] = Object.keys(item)
      const message = messageOf(item)
      assert.notMatch(message, /^written/)
      assert.include(message, name.replaceAll('"', '\\"'))
    }
    assert.throws(() => serializer(Schema.Array(Schema.Int))(Object.create({ length: 1 })))
    assert.throws(() => serializer(Schema.Number)(Number.NaN))
    assert.throws(() => serializer(Json)(undefined))
  })

  it("is not to be had for what is no JSON", () => {
    for (const schema of [Schema.DateFromString, Schema.Tuple(Schema.Int), Schema.BigIntFromSelf, Schema.Undefined]) {
      assert.throws(() => serializer(schema), /No serializer/)
    }
  })

  describe("of each response of the Api", () => {
    for (const { name, schema } of responses) {
      const write = serializer(schema)
      const encode = Schema.encodeUnknownEither(schema)
      const values = Arbitrary.make(schema)

      it.prop(
        `writes what Schema.encode and JSON.stringify write: ${name}`,
        [values],
        ([value]) => assert.strictEqual(write(value), JSON.stringify(Either.getOrThrow(encode(value)))),
        { fastCheck: { numRuns: 100 } }
      )

      it.prop(
        `refuses what they refuse: ${name}`,
        [values, FC.nat(), unlikely],
        ([value, place, other]) => {
          const changed = withAt(value, place, other)
          const encoded = encode(changed)
          if (Either.isLeft(encoded)) assert.throws(() => write(changed))
          else assert.strictEqual(write(changed), JSON.stringify(encoded.right))
        },
        { fastCheck: { numRuns: 300 } }
      )
    }
  })
})
