import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { InvalidRequest, type ServiceUnavailable } from "../Domain/Errors.js"
import { apiOf } from "../Response/ApiOf.js"
import { responding } from "../Response/Respond.js"
import { AdminsRepo } from "./AdminsRepo.js"
import { AuthApi } from "./Api.js"
import { ClientAddress } from "./ClientAddress.js"
import { refusalOf } from "./Credentials.js"
import type { InitDataError } from "./InitData.js"
import { Jwt } from "./Jwt.js"
import { LoginLimit } from "./LoginLimit.js"
import { TelegramAuth } from "./TelegramAuth.js"

/** A login's own request is wrong where its initData can't be read. */
const loginRefusalOf = (error: InitDataError | ServiceUnavailable) =>
  error._tag === "MalformedInitData"
    ? new InvalidRequest({ message: error.message, issues: [{ path: "init_data", message: error.message }] })
    : refusalOf(error)

export const AuthHttp = HttpApiBuilder.group(apiOf(AuthApi), "auth", (handlers) =>
  Effect.gen(function* () {
    const telegram = yield* TelegramAuth
    const admins = yield* AdminsRepo
    const jwt = yield* Jwt
    const limit = yield* LoginLimit
    const clientAddress = yield* ClientAddress

    const verify = (initData: string) => Effect.mapError(telegram.verify(Redacted.make(initData)), loginRefusalOf)

    const logIn = (initData: string, address: string) =>
      Effect.flatMap(limit.attempt(address)(verify(initData)), (user) =>
        Effect.zipWith(admins.login(user), jwt.issue(user.id), (user, token) => ({
          user,
          token: Redacted.value(token)
        }))
      )

    return handlers.handle(
      ...responding(AuthApi, "loginWithTelegram", ({ payload, request }) =>
        logIn(payload.init_data, clientAddress.of(request))
      )
    )
  })
).pipe(Layer.provide([LoginLimit.Default, ClientAddress.Default]))
