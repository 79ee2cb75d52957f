import { createHmac, createSecretKey, type KeyObject } from "node:crypto"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { errors, jwtVerify } from "jose"
import { LRUCache } from "lru-cache"
import { AppConfig } from "../Config.js"
import { TokenExpired, Unauthorized } from "../Domain/Errors.js"
import { TelegramId } from "../Domain/Ids.js"

const ALGORITHM = "HS256"

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url")
const HEADER = encode({ alg: ALGORITHM, typ: "JWT" })

/** So many tokens are remembered; a dashboard sends the same one with every request, for a day. */
const MAX_REMEMBERED = 10_000

/** What a token says whose signature was found right. Nothing but time can make it wrong. */
interface Verified {
  readonly userId: TelegramId
  /** Unix seconds, from which on the token is too old. */
  readonly expiresAt: number
}

const decodeSubject = Schema.decodeUnknownOption(
  Schema.compose(Schema.String.pipe(Schema.pattern(/^[1-9]\d{0,15}$/)), Schema.NumberFromString).pipe(
    Schema.compose(TelegramId)
  )
)

const invalid = new Unauthorized({ message: "The token is not valid; log in again" })

/** The bearer tokens of the dashboard: HS256 with `SECRET_KEY` (or, still, the one before), `sub` is the Telegram user id (RFC 7519). */
export class Jwt extends Effect.Service<Jwt>()("app/Auth/Jwt", {
  effect: Effect.gen(function* () {
    const { jwtTtl, previousSecretKey, secretKey } = yield* AppConfig
    const keyOf = (secret: Redacted.Redacted) => createSecretKey(Buffer.from(Redacted.value(secret)))
    const key = keyOf(secretKey)
    const previousKey = Option.map(previousSecretKey, keyOf)

    /**
     * A token by hand: it is two JSON texts and an HMAC (RFC 7515, appendix A.1), and jose's way to it, by WebCrypto and the
     * thread pool, takes longer than the rest of a login. What it is good for, jose judges.
     */
    const issue = (userId: TelegramId): Effect.Effect<Redacted.Redacted> =>
      Effect.map(Clock.currentTimeMillis, (millis) => {
        const now = Math.floor(millis / 1000)
        const claims = { sub: String(userId), iat: now, exp: now + Math.floor(Duration.toSeconds(jwtTtl)) }
        const text = `${HEADER}.${encode(claims)}`
        return Redacted.make(`${text}.${createHmac("sha256", key).update(text).digest("base64url")}`)
      })

    const verifyWith = (token: Redacted.Redacted, key: KeyObject, currentDate: Date) =>
      Effect.tryPromise({
        try: () =>
          jwtVerify(Redacted.value(token), key, {
            algorithms: [ALGORITHM],
            currentDate,
            requiredClaims: ["sub", "exp"]
          }),
        catch: (error) =>
          error instanceof errors.JWTExpired
            ? new TokenExpired({ message: "The token has expired; log in again" })
            : invalid
      })

    const verified = new LRUCache<string, Verified>({ max: MAX_REMEMBERED })

    const verifyAnew = (
      token: Redacted.Redacted,
      nowMillis: number
    ): Effect.Effect<TelegramId, Unauthorized | TokenExpired> =>
      Effect.gen(function* () {
        const currentDate = new Date(nowMillis)
        const { payload } = yield* Option.match(previousKey, {
          onNone: () => verifyWith(token, key, currentDate),
          onSome: (previous) =>
            Effect.catchTag(verifyWith(token, key, currentDate), "Unauthorized", () =>
              verifyWith(token, previous, currentDate)
            )
        })
        const userId = yield* Effect.mapError(decodeSubject(payload.sub), () => invalid)
        // A time before which it is not good, which no token of ours has, would have to be looked at again.
        if (payload.exp !== undefined && payload.nbf === undefined) {
          verified.set(Redacted.value(token), { userId, expiresAt: payload.exp })
        }
        return userId
      })

    /**
     * The Telegram user id that the token speaks for. Whether the account still exists, it can't know. The signature is
     * worked out once for each token; wrong ones are not remembered.
     */
    const verify = (token: Redacted.Redacted): Effect.Effect<TelegramId, Unauthorized | TokenExpired> =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        const known = verified.get(Redacted.value(token))
        return known !== undefined && known.expiresAt > Math.floor(now / 1000)
          ? Effect.succeed(known.userId)
          : verifyAnew(token, now)
      })

    return { issue, verify } as const
  })
}) {}
