/**
 * The check of Telegram's initData: pure functions over the raw string and a clock value. The order of judgement is
 * structure (`parse`), origin (`hmacMatches`, else `signatureMatches` or `signingBot`), then age and kind of user
 * (`judge`): what is malformed is never called forged, and what is forged is never called expired.
 */
import type { KeyObject } from "node:crypto"
import * as Either from "effect/Either"
import { ExpiredInitData, type InitDataError, InvalidInitData } from "./InitDataErrors.js"
import { type InitDataFields, parse } from "./InitDataFields.js"
import { hmacMatches, signatureMatches } from "./InitDataSignature.js"

export { ExpiredInitData, type InitDataError, InvalidInitData, MalformedInitData } from "./InitDataErrors.js"
export { type InitDataFields, maxInitDataLength, parse } from "./InitDataFields.js"
export {
  ed25519PublicKey,
  hmacKey,
  hmacMatches,
  isSignature,
  signatureMatches,
  signingBot,
  telegramProductionKey
} from "./InitDataSignature.js"
export type { InitDataUser } from "./InitDataUser.js"

/** How far `auth_date` may be ahead of our clock, in milliseconds: 5 minutes. */
export const maxClockSkewMillis = 5 * 60 * 1000

/**
 * Judges `auth_date` against a clock value (Unix milliseconds). Both limits are inclusive. Fails with `ExpiredInitData`
 * where it is older than `maxAgeMillis`, and `InvalidInitData` where it is more than `maxClockSkewMillis` ahead.
 */
export const checkAge = (
  data: Pick<InitDataFields, "authDate">,
  nowMillis: number,
  maxAgeMillis: number
): Either.Either<void, ExpiredInitData | InvalidInitData> => {
  const ageMillis = nowMillis - data.authDate * 1000
  if (ageMillis < -maxClockSkewMillis) {
    return Either.left(new InvalidInitData({ message: "init_data: auth_date is in the future" }))
  }
  return ageMillis <= maxAgeMillis
    ? Either.void
    : Either.left(new ExpiredInitData({ message: "init_data expired; reopen the Mini App" }))
}

/**
 * The verdict on parsed data, once its origin is known: `genuine` is whether the HMAC or a registered bot's signature
 * matched. Times are milliseconds. Fails with `InvalidInitData` (forged, from the future, or the user is a bot) or
 * `ExpiredInitData`.
 */
export const judge = <Data extends Pick<InitDataFields, "authDate" | "user">>(
  data: Data,
  genuine: boolean,
  nowMillis: number,
  maxAgeMillis: number
): Either.Either<Data, ExpiredInitData | InvalidInitData> => {
  if (!genuine) {
    return Either.left(new InvalidInitData({ message: "init_data is signed by another bot or was changed" }))
  }
  const age = checkAge(data, nowMillis, maxAgeMillis)
  if (Either.isLeft(age)) return Either.left(age.left)
  return data.user.isBot
    ? Either.left(new InvalidInitData({ message: "init_data: the user is a bot" }))
    : Either.right(data)
}

export interface VerifyOptions {
  /** Of `hmacKey`. */
  readonly key: KeyObject
  /** Unix milliseconds. */
  readonly nowMillis: number
  readonly maxAgeMillis: number
  /** Bots whose Ed25519 signature counts where the HMAC does not match; none by default. */
  readonly botTelegramIds?: ReadonlyArray<number>
  /** Telegram's production key by default. */
  readonly publicKey?: KeyObject
}

/** All of the check in one call, on the calling thread. */
export const verifyInitData = (raw: string, options: VerifyOptions): Either.Either<InitDataFields, InitDataError> =>
  Either.flatMap(parse(raw), (data) => {
    const genuine =
      hmacMatches(data, options.key) ||
      (options.botTelegramIds ?? []).some((id) => signatureMatches(data, id, options.publicKey))
    return judge(data, genuine, options.nowMillis, options.maxAgeMillis)
  })
