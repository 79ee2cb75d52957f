import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import { AppConfig } from "../../Config.js"
import { type Middleware, withRequest } from "./Middleware.js"

/**
 * Cross-origin access for the front end's origins (fetch.spec.whatwg.org, "CORS protocol"). The platform's own middleware
 * opens everything when the list is empty, and leaves `Vary` out for an origin that it refuses. Here every response has
 * `Vary: Origin` (src/Server/Middleware/Headers.ts).
 */
const EXPOSED_HEADERS =
  "X-Request-Id, Retry-After, WWW-Authenticate, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset"

const permission = {
  "access-control-allow-methods": "GET, HEAD, POST",
  "access-control-allow-headers": "Authorization, Content-Type, X-Telegram-Init-Data",
  // Seconds for which a browser remembers it.
  "access-control-max-age": "600"
}

/** A browser asking whether a page of this origin may send its request. */
const isPreflight = ({ headers, method }: HttpServerRequest.HttpServerRequest): boolean =>
  method === "OPTIONS" && headers.origin !== undefined && headers["access-control-request-method"] !== undefined

export const cors = Effect.map(AppConfig, ({ allowedOrigins }): Middleware => {
  const allowed: ReadonlySet<string | undefined> = new Set(allowedOrigins)
  return (app) =>
    withRequest((request, { route }) => {
      const { origin } = request.headers
      const isAllowed = allowed.has(origin)
      const response =
        route !== undefined && isPreflight(request)
          ? Effect.succeed(HttpServerResponse.empty({ status: 204, headers: isAllowed ? permission : {} }))
          : app
      return origin !== undefined && isAllowed
        ? Effect.map(response, (response) =>
            HttpServerResponse.setHeaders(response, {
              "access-control-allow-origin": origin,
              "access-control-expose-headers": EXPOSED_HEADERS
            })
          )
        : response
    })
})
