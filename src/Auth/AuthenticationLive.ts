import { HttpServerRequest } from "@effect/platform"
import { Effect, type Exit, Layer, Redacted, Schema } from "effect"
import type { CurrentAdmin } from "../Domain/CurrentAdmin.js"
import { InitDataExpired, type ServiceUnavailable, type TokenExpired, Unauthorized } from "../Domain/Errors.js"
import { TelegramId } from "../Domain/Ids.js"
import { identityOf } from "../Server/Handled.js"
import { AdminsRepo } from "./AdminsRepo.js"
import { Authentication } from "./Authentication.js"
import type { InitDataError } from "./InitData.js"
import { Jwt } from "./Jwt.js"
import { TelegramAuth } from "./TelegramAuth.js"

const unauthorized = (message: string) => new Unauthorized({ message })

const missing = unauthorized(
  "No credentials: send Authorization: Bearer <token>, Authorization: tma <initData> or X-Telegram-Init-Data: <initData>"
)
const unknownScheme = unauthorized("The Authorization scheme must be Bearer or tma")
const accountGone = unauthorized("The account of this token does not exist any more; log in again")

/** Outside the login, initData that can't be read is bad credentials, as forged initData is. */
const refuse = (error: InitDataError | ServiceUnavailable) =>
  error._tag === "ExpiredInitData"
    ? new InitDataExpired({ message: error.message })
    : error._tag === "ServiceUnavailable"
      ? error
      : unauthorized(error.message)

type Refusal = Unauthorized | InitDataExpired | TokenExpired | ServiceUnavailable

const makeJudge = () =>
  Effect.gen(function* () {
    const jwt = yield* Jwt
    const telegram = yield* TelegramAuth
    const admins = yield* AdminsRepo

    const byInitData = (raw: string) =>
      telegram.verify(Redacted.make(raw)).pipe(
        Effect.mapError(refuse),
        Effect.flatMap((user) => Effect.orDie(Schema.decode(TelegramId)(user.id)))
      )

    const byToken = (token: string) =>
      Effect.gen(function* () {
        const userId = yield* jwt.verify(Redacted.make(token))
        return yield* (yield* admins.exists(userId)) ? Effect.succeed(userId) : Effect.fail(accountGone)
      })

    /** Judges one credential: `Authorization` if it is there, else `X-Telegram-Init-Data`. */
    return (request: HttpServerRequest.HttpServerRequest): Effect.Effect<TelegramId, Refusal> => {
      const authorization = request.headers.authorization
      if (authorization !== undefined) {
        const [, scheme = "", credential = ""] = /^\s*(\S*)\s*(.*?)\s*$/s.exec(authorization) ?? []
        switch (scheme.toLowerCase()) {
          case "bearer":
            return byToken(credential)
          case "tma":
            return byInitData(credential)
          default:
            return Effect.fail(unknownScheme)
        }
      }
      const initData = request.headers["x-telegram-init-data"]
      return initData === undefined ? Effect.fail(missing) : byInitData(initData)
    }
  })

/**
 * The platform asks each of the three schemes in turn until one agrees, and answers with the last one's refusal. Each of
 * them judges what the request presents, whichever it is; the verdict is kept, so that it is worked out once.
 */
export const AuthenticationLive = Layer.effect(
  Authentication,
  Effect.gen(function* () {
    const judge = yield* makeJudge()
    const verdicts = new WeakMap<object, Exit.Exit<TelegramId, Refusal>>()
    const once = Effect.gen(function* () {
      const request = yield* HttpServerRequest.HttpServerRequest
      const key = identityOf(request)
      const verdict = verdicts.get(key) ?? (yield* Effect.exit(judge(request)))
      verdicts.set(key, verdict)
      return { userId: yield* verdict } satisfies typeof CurrentAdmin.Service
    })
    return Authentication.of({ bearer: () => once, initData: () => once, tma: () => once })
  })
)
