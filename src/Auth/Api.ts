import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import {
  InitDataExpired,
  InvalidRequest,
  PayloadTooLarge,
  ServiceUnavailable,
  TooManyRequests,
  Unauthorized,
  UnsupportedMediaType
} from "../Domain/Errors.js"
import { Compression } from "../Response/Compression.js"
import { User } from "../Tables/Users.js"

export const LoginRequest = Schema.Struct({
  init_data: Schema.String.annotations({
    message: (issue) => (issue.actual === undefined ? "is missing" : "must be a string"),
    description: "The raw initData string that Telegram hands the Mini App, as it is",
    examples: ["query_id=AAH...&user=%7B%22id%22%3A777000123%7D&auth_date=1767225600&hash=..."]
  })
}).annotations({
  identifier: "LoginRequest",
  // Schema's own words would quote what came: that may be a secret, or nested too deep to be written.
  message: () => "must be a JSON object",
  parseOptions: { errors: "all" }
})

export const LoginResponse = Schema.Struct({
  user: User,
  token: Schema.String.annotations({ description: "For `Authorization: Bearer`" })
}).annotations({ identifier: "LoginResponse" })

export class AuthApi extends HttpApiGroup.make("auth")
  .add(
    HttpApiEndpoint.post("loginWithTelegram", "/api/auth/telegram")
      .setPayload(LoginRequest)
      .addSuccess(LoginResponse)
      .addError(InvalidRequest)
      .addError(Unauthorized)
      .addError(InitDataExpired)
      .addError(PayloadTooLarge)
      .addError(UnsupportedMediaType)
      .addError(TooManyRequests)
      .addError(ServiceUnavailable)
      .annotate(OpenApi.Identifier, "loginWithTelegram")
      .annotate(Compression, "never")
      .annotate(OpenApi.Summary, "Log in with Telegram initData")
      .annotate(
        OpenApi.Description,
        [
          "Checks the initData of a Mini App and answers with a bearer token. Makes the account on the first login, and takes over the names that Telegram has now on each.",
          "",
          "Valid is what Telegram signed for the service's own bot (HMAC-SHA256), or for any bot in `bots` (Ed25519 `signature`), not older than the service allows. At most 10 failed attempts and 60 in all a minute from one address."
        ].join("\n")
      )
  )
  .annotate(OpenApi.Title, "Login")
  .annotate(OpenApi.Description, "From Telegram initData to a bearer token") {}
