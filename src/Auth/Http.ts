import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { CurrentRequest } from "../Domain/CurrentRequest.js"
import { InvalidRequest, type ServiceUnavailable } from "../Domain/Errors.js"
import { apiOf } from "../Response/ApiOf.js"
import { responding } from "../Response/Respond.js"
import { AdminsRepo } from "./AdminsRepo.js"
import { AuthApi } from "./Api.js"
import { refusalOf } from "./Credentials.js"
import type { InitDataError } from "./InitData/InitData.js"
import { TelegramAuth } from "./InitData/TelegramAuth.js"
import { Jwt } from "./Jwt.js"
import { ClientAddress } from "./Login/ClientAddress.js"
import { LoginLimit } from "./Login/LoginLimit.js"

/** A login's own request is wrong where its initData can't be read. An issue has its path beside it, and not in its text. */
const loginRefusalOf = (error: InitDataError | ServiceUnavailable) =>
  error._tag === "MalformedInitData"
    ? new InvalidRequest({
        message: error.message,
        issues: [{ path: "init_data", message: error.message.replace(/^init_data:? /, "") }]
      })
    : refusalOf(error)

export const AuthHttp = HttpApiBuilder.group(apiOf(AuthApi), "auth", (handlers) =>
  Effect.gen(function* () {
    const telegram = yield* TelegramAuth
    const admins = yield* AdminsRepo
    const jwt = yield* Jwt
    const limit = yield* LoginLimit
    const clientAddress = yield* ClientAddress

    const verify = (initData: string) => Effect.mapError(telegram.verify(Redacted.make(initData)), loginRefusalOf)

    /** Every answer says how much of the limit is left, not the refusal alone. */
    const tellLimit = (address: string) =>
      Effect.flatMap(CurrentRequest, (current) =>
        Effect.map(limit.left(address), (left) => {
          if (current !== undefined) current.rateLimit = left
        })
      )

    const logIn = (initData: string, address: string) =>
      Effect.flatMap(limit.attempt(address)(verify(initData)), (user) =>
        Effect.zipWith(admins.login(user), jwt.issue(user.id), (user, token) => ({
          user,
          token: Redacted.value(token)
        }))
      ).pipe(Effect.ensuring(tellLimit(address)))

    return handlers.handle(
      ...responding(AuthApi, "loginWithTelegram", ({ payload, request }) =>
        logIn(payload.init_data, clientAddress.of(request))
      )
    )
  })
).pipe(Layer.provide([LoginLimit.Default, ClientAddress.Default]))
