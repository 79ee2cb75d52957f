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
const EXPOSED_HEADERS = [
  "X-Request-Id",
  "ETag",
  "Retry-After",
  "WWW-Authenticate",
  "RateLimit-Limit",
  "RateLimit-Remaining",
  "RateLimit-Reset",
  "RateLimit-Policy"
].join(", ")

/**
 * Beside what our routes read, what HTTP clients, tracers and caches of browsers add by themselves: a header that is not
 * named fails the whole request, and the page learns no more than "Failed to fetch".
 */
const REQUEST_HEADERS = [
  "Authorization",
  "Content-Type",
  "X-Telegram-Init-Data",
  "X-Request-Id",
  "traceparent",
  "Cache-Control",
  "If-None-Match",
  "X-Requested-With"
].join(", ")

const permission = {
  // What the front ends of this Api may ask in its next versions too: which of them a route takes, the route says.
  "access-control-allow-methods": "GET, HEAD, POST, PATCH",
  "access-control-allow-headers": REQUEST_HEADERS,
  // Seconds for which a browser remembers it, for each URL. Chromium cuts off what is longer.
  "access-control-max-age": "7200"
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
