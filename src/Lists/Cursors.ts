import { createHmac, timingSafeEqual } from "node:crypto"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { AppConfig } from "../Config.js"
import { InvalidRequest } from "../Domain/Errors.js"

/** A position in a list: right behind a row, which may be gone when the next page is asked for. */
export const Position = Schema.Struct({
  /** The row's time as its column holds it, to the last digit of its second; null where it has none. */
  time: Schema.NullOr(Schema.String),
  key: Schema.Union(Schema.String, Schema.Int),
  /** How many rows the list had up to here, by the pages that led here. */
  passed: Schema.NonNegativeInt
})
export type Position = typeof Position.Type

/** What a cursor is valid for: the list, its bot, and each filter. */
export type Scope = ReadonlyArray<string | number | null>

const MAC_BYTES = 16

const Payload = Schema.parseJson(Schema.Tuple(Position.fields.time, Position.fields.key, Position.fields.passed))
const encodePayload = Schema.encodeSync(Payload)
const decodePayload = Schema.decodeOption(Payload)

// A key of its own, so that no cursor is ever valid as a token, nor a token as a cursor.
const keyOf = (secret: Redacted.Redacted): Buffer =>
  createHmac("sha256", Redacted.value(secret)).update("bot-analytics-api: cursors of lists, version 1").digest()

/** A line of JSON has no line end in it, so it is clear where the scope ends and the payload begins. */
const macOf = (key: Buffer, scope: Scope, payload: Buffer): Buffer =>
  createHmac("sha256", key)
    .update(`${JSON.stringify(scope)}\n`)
    .update(payload)
    .digest()
    .subarray(0, MAC_BYTES)

const expected = "is no cursor of this list with these filters; take next_cursor of an answer as it is"

const invalid = new InvalidRequest({
  message: `The request is not valid: cursor ${expected}`,
  issues: [{ path: "cursor", message: expected }]
})

/**
 * Cursors: a position with a signature over it and its scope (HMAC-SHA256), in base64url. Nothing in them is a secret. The
 * signature makes sure that a cursor is one that a response gave, for the same list.
 */
export class Cursors extends Effect.Service<Cursors>()("app/Lists/Cursors", {
  effect: Effect.gen(function* () {
    const { previousSecretKey, secretKey } = yield* AppConfig
    const key = keyOf(secretKey)
    const keys = [key, ...Option.toArray(Option.map(previousSecretKey, keyOf))]

    const write = (scope: Scope, { key: rowKey, passed, time }: Position): string => {
      const payload = Buffer.from(encodePayload([time, rowKey, passed]))
      return Buffer.concat([macOf(key, scope, payload), payload]).toString("base64url")
    }

    const read = (scope: Scope, cursor: string): Effect.Effect<Position, InvalidRequest> => {
      const bytes = Buffer.from(cursor, "base64url")
      // Decoding skips unknown characters, and the last character has spare bits. Only one text is the cursor.
      if (bytes.length <= MAC_BYTES || bytes.toString("base64url") !== cursor) return Effect.fail(invalid)
      const mac = bytes.subarray(0, MAC_BYTES)
      const payload = bytes.subarray(MAC_BYTES)
      if (!keys.some((key) => timingSafeEqual(mac, macOf(key, scope, payload)))) return Effect.fail(invalid)
      return Option.match(decodePayload(payload.toString()), {
        onNone: () => Effect.fail(invalid),
        onSome: ([time, key, passed]) => Effect.succeed({ time, key, passed })
      })
    }

    return { write, read } as const
  })
}) {}
