import { HttpApiBuilder } from "@effect/platform"
import { Effect, Redacted } from "effect"
import { Api } from "../Api.js"
import { InitDataExpired, InvalidRequest, Unauthorized } from "../Domain/Errors.js"
import { ClientAddress } from "../Server/ClientAddress.js"
import { handled } from "../Server/Handled.js"
import type { User } from "../Users/Api.js"
import { type Admin, AdminsRepo } from "./AdminsRepo.js"
import { Jwt } from "./Jwt.js"
import { LoginLimit } from "./LoginLimit.js"
import { TelegramAuth } from "./TelegramAuth.js"

/** An account in the shape of a user, though it is a user of no bot. */
const toUser = (admin: typeof Admin.Type): User => ({
  uid: admin.uid,
  user_id: admin.user_id,
  bot_id: 0,
  username: admin.username,
  invited: null,
  reg_date: admin.created_at,
  ref_percent: 0,
  meta: { first_name: admin.first_name, last_name: admin.last_name, language_code: admin.language_code }
})

export const AuthHttp = HttpApiBuilder.group(Api, "auth", (handlers) =>
  Effect.gen(function* () {
    const telegram = yield* TelegramAuth
    const admins = yield* AdminsRepo
    const jwt = yield* Jwt
    const limit = yield* LoginLimit
    const clientAddress = yield* ClientAddress

    const verify = (initData: string) =>
      Effect.catchTags(telegram.verify(Redacted.make(initData)), {
        MalformedInitData: ({ message }) => new InvalidRequest({ message, issues: [{ path: "init_data", message }] }),
        InvalidInitData: ({ message }) => new Unauthorized({ message }),
        ExpiredInitData: ({ message }) => new InitDataExpired({ message })
      })

    return handlers.handle(
      "loginWithTelegram",
      handled(({ payload, request }) =>
        Effect.gen(function* () {
          const user = yield* verify(payload.init_data).pipe(limit.attempt(clientAddress.of(request)))
          const admin = yield* admins.login(user)
          const token = yield* jwt.issue(admin.user_id)
          return { user: toUser(admin), token: Redacted.value(token) }
        })
      )
    )
  })
)
