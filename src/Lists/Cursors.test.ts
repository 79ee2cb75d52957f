import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FC from "effect/FastCheck"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { AppConfig } from "../Config.js"
import { runs } from "../testing/Properties.js"
import { type Settings, settingsFor } from "../testing/Service.js"
import { Cursors, type Position, type Scope } from "./Cursors.js"

const nowhere = {
  host: "127.0.0.1",
  port: 1,
  database: "x",
  username: "x",
  password: Redacted.make("x"),
  tls: "off"
} as const

const make = (settings: Partial<Settings> = {}) =>
  Effect.runSync(
    Effect.provide(Cursors, Layer.provide(Cursors.Default, Layer.succeed(AppConfig, settingsFor(nowhere, settings))))
  )

const cursors = make()
const read = (scope: Scope, cursor: string, reader = cursors) =>
  Effect.runSync(Effect.either(reader.read(scope, cursor)))
const isRefused = (scope: Scope, cursor: string, reader = cursors) => Either.isLeft(read(scope, cursor, reader))

const position: FC.Arbitrary<Position> = FC.record({
  time: FC.constantFrom(null, "2026-01-31 20:59:59", "2026-01-31 20:59:59.000001", "0000-00-00 00:00:00"),
  key: FC.oneof(FC.integer({ min: -(2 ** 31), max: 2 ** 31 }), FC.string({ unit: "grapheme", maxLength: 64 })),
  passed: FC.nat()
})

const scope: FC.Arbitrary<Scope> = FC.array(
  FC.oneof(FC.constant(null), FC.nat(3), FC.constantFrom("", "a", "null", "0"))
)

it.prop(
  "hold a position, in the letters of base64url",
  [scope, position],
  ([scope, position]) => {
    const cursor = cursors.write(scope, position)
    assert.match(cursor, /^[\w-]+$/)
    assert.deepStrictEqual(read(scope, cursor), Either.right(position))
  },
  runs(200)
)

it("are short", () => {
  const cursor = cursors.write(["users", 1], { time: "2026-01-31 20:59:59", key: 2_000_000_000, passed: 100 })
  assert.isAtMost(cursor.length, 75)
})

it.prop(
  "are good for their own scope alone",
  [scope, scope, position],
  ([mine, other, position]) => {
    const isSame = JSON.stringify(mine) === JSON.stringify(other)
    assert.strictEqual(isRefused(other, cursors.write(mine, position)), !isSame)
  },
  runs(300)
)

it.prop(
  "are refused once anything is changed, left out or put in",
  [position, FC.constantFrom("A", "b", "-", "_", "9", "=", "+", " ", "é", "\0")],
  ([position, letter]) => {
    const cursor = cursors.write(["users", 1], position)
    for (let i = 0; i <= cursor.length; i++) {
      const [head, tail] = [cursor.slice(0, i), cursor.slice(i)]
      if (i < cursor.length && tail[0] !== letter) assert.isTrue(isRefused(["users", 1], head + letter + tail.slice(1)))
      assert.isTrue(isRefused(["users", 1], head + letter + tail))
      if (i < cursor.length) assert.isTrue(isRefused(["users", 1], head))
      if (i < cursor.length) assert.isTrue(isRefused(["users", 1], head + tail.slice(1)), `without letter ${i}`)
    }
    assert.isTrue(isRefused(["users", 1], cursor + cursor))
  },
  runs(30)
)

it("of the key before are good as long as that key is known", () => {
  const [old, young] = ["the secret before, 0123456789 01234", "the secret of now, 0123456789 01234"].map(Redacted.make)
  if (old === undefined || young === undefined) throw new Error("two secrets")
  const at: Position = { time: null, key: "x", passed: 1 }
  const cursor = make({ secretKey: old }).write([], at)
  const after = make({ secretKey: young, previousSecretKey: Option.some(old) })
  assert.deepStrictEqual(read([], cursor, after), Either.right(at))
  assert.isTrue(isRefused([], cursor, make({ secretKey: young })))
  // New ones are of the new key.
  assert.isTrue(isRefused([], after.write([], at), make({ secretKey: old })))
})
