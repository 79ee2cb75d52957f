/** Decodes the raw initData string of a Mini App. Says nothing about who made it: that is InitDataSignature.ts. */
import * as Either from "effect/Either"
import { InvalidInitData, MalformedInitData } from "./InitDataErrors.js"
import { type InitDataUser, parseUser } from "./InitDataUser.js"

/** The longest raw string that is looked at, in UTF-16 code units (Telegram's own is ASCII). */
export const maxInitDataLength = 4096

/** Decoded initData, not yet checked: anybody can write this. */
export interface InitDataFields {
  /** Every field, `hash` and `signature` included, form-decoded once, in the order of the raw string. */
  readonly fields: ReadonlyMap<string, string>
  /** Not blank; any other text is possible. */
  readonly hash: string
  /** `null` where the field is missing or blank. */
  readonly signature: string | null
  /** Unix seconds, as `auth_date` says; Infinity where its digits exceed a double. */
  readonly authDate: number
  readonly user: InitDataUser
}

const loneSurrogate = /\p{Cs}/u
const controlCharacter = /\p{Cc}/u
const printableKey = /^[\w.-]{1,32}$/
const digits = /^[0-9]+$/

const malformed = (problem: string) => Either.left(new MalformedInitData({ message: problem }))
const invalid = (problem: string) => Either.left(new InvalidInitData({ message: problem }))

/** `+` is a space, `%XX` are bytes of UTF-8; `undefined` for any other `%`, and for bytes that are no UTF-8. */
const formDecode = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text.replaceAll("+", " "))
  } catch {
    return undefined
  }
}

/** Blank values are kept; a segment without `=` is a key with a blank value; empty segments (`&&`) are no fields. */
const decodeFields = (raw: string): Either.Either<ReadonlyMap<string, string>, MalformedInitData> => {
  // Lone surrogates would all be U+FFFD in the signed bytes: different texts with one signature.
  if (loneSurrogate.test(raw)) return malformed("init_data is not well-formed Unicode text")
  const fields = new Map<string, string>()
  for (const segment of raw.split("&")) {
    if (segment === "") continue
    const equals = segment.indexOf("=")
    const key = formDecode(equals < 0 ? segment : segment.slice(0, equals))
    const value = formDecode(equals < 0 ? "" : segment.slice(equals + 1))
    if (key === undefined || value === undefined) return malformed("init_data is not form-encoded UTF-8")
    if (fields.has(key)) {
      return malformed(`init_data: ${printableKey.test(key) ? `the key "${key}"` : "a key"} comes twice`)
    }
    fields.set(key, value)
  }
  return Either.right(fields)
}

/**
 * The signed text is `key=value` lines, so a line feed in a value, or `=` in a key, could pass for another division of
 * the same text into fields. Telegram sends neither. All of Unicode's control characters (Cc) are refused: U+0000 to
 * U+001F and U+007F to U+009F.
 */
const refuseFolding = (fields: ReadonlyMap<string, string>): Either.Either<void, InvalidInitData> => {
  for (const [key, value] of fields) {
    if (controlCharacter.test(key) || controlCharacter.test(value)) {
      return invalid("init_data has a control character")
    }
    if (key.includes("=")) return invalid('init_data has a key with "=" in it')
  }
  return Either.void
}

/**
 * Reads a raw initData string. Never throws, whatever the text.
 *
 * Fails with `InvalidInitData` where it is longer than `maxInitDataLength`, or has a control character; with
 * `MalformedInitData` where the encoding is wrong, a key comes twice, `hash`, `user` or `auth_date` is missing, `hash`
 * is blank, `auth_date` is not all digits (0-9), or `user` cannot be read (see `parseUser`). A `hash` or `signature`
 * that cannot be one is well formed: it matches nothing.
 */
export const parse = (raw: string): Either.Either<InitDataFields, MalformedInitData | InvalidInitData> =>
  Either.gen(function* () {
    if (raw.length > maxInitDataLength) {
      return yield* invalid(`init_data is longer than ${maxInitDataLength} characters`)
    }
    const fields = yield* decodeFields(raw)
    const hash = fields.get("hash")
    if (hash === undefined) return yield* malformed("init_data has no hash")
    if (hash === "") return yield* malformed("init_data: hash is empty")
    const authDate = fields.get("auth_date")
    if (authDate === undefined) return yield* malformed("init_data has no auth_date")
    if (!digits.test(authDate)) return yield* malformed("init_data: auth_date is not a number of seconds in digits")
    const userJson = fields.get("user")
    if (userJson === undefined) return yield* malformed("init_data has no user")
    yield* refuseFolding(fields)
    const user = yield* parseUser(userJson)
    return { fields, hash, signature: fields.get("signature") || null, authDate: Number(authDate), user }
  })
