import { createSecretKey, type KeyObject } from "node:crypto"
import { Clock, Duration, Effect, Option, Redacted, Schema } from "effect"
import { errors, jwtVerify, SignJWT } from "jose"
import { AppConfig } from "../Config.js"
import { TokenExpired, Unauthorized } from "../Domain/Errors.js"
import { TelegramId } from "../Domain/Ids.js"

const ALGORITHM = "HS256"

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

    const issue = (userId: TelegramId): Effect.Effect<Redacted.Redacted> =>
      Effect.gen(function* () {
        const now = Math.floor((yield* Clock.currentTimeMillis) / 1000)
        const token = new SignJWT()
          .setProtectedHeader({ alg: ALGORITHM, typ: "JWT" })
          .setSubject(String(userId))
          .setIssuedAt(now)
          .setExpirationTime(now + Math.floor(Duration.toSeconds(jwtTtl)))
        return Redacted.make(yield* Effect.promise(() => token.sign(key)))
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

    /** The Telegram user id that the token speaks for. Whether the account still exists, it can't know. */
    const verify = (token: Redacted.Redacted): Effect.Effect<TelegramId, Unauthorized | TokenExpired> =>
      Effect.gen(function* () {
        const currentDate = new Date(yield* Clock.currentTimeMillis)
        const { payload } = yield* Option.match(previousKey, {
          onNone: () => verifyWith(token, key, currentDate),
          onSome: (previous) =>
            Effect.catchTag(verifyWith(token, key, currentDate), "Unauthorized", () =>
              verifyWith(token, previous, currentDate)
            )
        })
        return yield* Option.match(decodeSubject(payload.sub), {
          onNone: () => Effect.fail(invalid),
          onSome: Effect.succeed
        })
      })

    return { issue, verify } as const
  })
}) {}
