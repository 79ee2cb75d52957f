import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { Admin } from "../Domain/CurrentAdmin.js"
import { InitDataExpired, type ServiceUnavailable, type TokenExpired, Unauthorized } from "../Domain/Errors.js"
import type { InitDataError } from "./InitData.js"
import { Jwt } from "./Jwt.js"
import { TelegramAuth } from "./TelegramAuth.js"

export type Refusal = Unauthorized | InitDataExpired | TokenExpired | ServiceUnavailable

const missing = new Unauthorized({
  message:
    "No credentials: send Authorization: Bearer <token>, Authorization: tma <initData> or X-Telegram-Init-Data: <initData>"
})
const unknownScheme = new Unauthorized({ message: "The Authorization scheme must be Bearer or tma" })

/** Outside the login, initData that can't be read is bad credentials, as forged initData is. */
export const refusalOf = (
  error: InitDataError | ServiceUnavailable
): Unauthorized | InitDataExpired | ServiceUnavailable => {
  switch (error._tag) {
    case "ExpiredInitData":
      return new InitDataExpired({ message: error.message })
    case "ServiceUnavailable":
      return error
    default:
      return new Unauthorized({ message: error.message })
  }
}

/** `<scheme> <rest>`. Step by step: one pattern for all of it takes quadratic time on a header full of blanks. */
const split = (authorization: string): readonly [scheme: string, rest: string] => {
  const text = authorization.trim()
  const end = text.search(/\s/)
  return end < 0 ? [text, ""] : [text.slice(0, end), text.slice(end).trimStart()]
}

/** Who makes a request, by the credential that it presents. */
export class Credentials extends Effect.Service<Credentials>()("app/Auth/Credentials", {
  effect: Effect.gen(function* () {
    const jwt = yield* Jwt
    const telegram = yield* TelegramAuth

    const byInitData = (raw: string): Effect.Effect<Admin, Refusal> =>
      Effect.mapBoth(telegram.verify(Redacted.make(raw)), {
        onFailure: refusalOf,
        onSuccess: ({ id }) => ({ userId: id, needsAccount: false })
      })

    const byToken = (token: string): Effect.Effect<Admin, Refusal> =>
      Effect.map(jwt.verify(Redacted.make(token)), (userId) => ({ userId, needsAccount: true }))

    /** Judges one credential: `Authorization` if it is there, else `X-Telegram-Init-Data`. */
    const judge = ({ headers }: HttpServerRequest.HttpServerRequest): Effect.Effect<Admin, Refusal> => {
      if (headers.authorization === undefined) {
        const initData = headers["x-telegram-init-data"]
        return initData === undefined ? missing : byInitData(initData)
      }
      const [scheme, credential] = split(headers.authorization)
      switch (scheme.toLowerCase()) {
        case "bearer":
          return byToken(credential)
        case "tma":
          return byInitData(credential)
        default:
          return unknownScheme
      }
    }

    return { judge } as const
  })
}) {}
