import * as HttpApiMiddleware from "@effect/platform/HttpApiMiddleware"
import * as HttpApiSecurity from "@effect/platform/HttpApiSecurity"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import { CurrentAdmin } from "../Domain/CurrentAdmin.js"
import { InitDataExpired, ServiceUnavailable, TokenExpired, Unauthorized } from "../Domain/Errors.js"

/**
 * What a route requires: that one of three credentials says who the admin is. It gives the handler `CurrentAdmin`.
 * `AuthenticationLive` implements it.
 *
 * @effect-expect-leaking HttpServerRequest ParsedSearchParams RouteContext
 */
export class Authentication extends HttpApiMiddleware.Tag<Authentication>()("app/Auth/Authentication", {
  failure: Schema.Union(Unauthorized, InitDataExpired, TokenExpired, ServiceUnavailable),
  provides: CurrentAdmin,
  security: {
    bearer: HttpApiSecurity.bearer.pipe(
      HttpApiSecurity.annotate(OpenApi.Format, "JWT"),
      HttpApiSecurity.annotate(OpenApi.Description, "The token from `POST /api/auth/telegram`")
    ),
    initData: HttpApiSecurity.apiKey({ in: "header", key: "X-Telegram-Init-Data" }).pipe(
      HttpApiSecurity.annotate(OpenApi.Description, "The raw initData of the Mini App; no login before it")
    ),
    // The platform knows no other HTTP scheme than bearer and basic; src/OpenApi.ts turns this into one.
    tma: HttpApiSecurity.apiKey({ in: "header", key: "Authorization" }).pipe(
      HttpApiSecurity.annotate(
        OpenApi.Description,
        "`Authorization: tma <initData>`, the Mini Apps community's convention"
      )
    )
  }
}) {}
