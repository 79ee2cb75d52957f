import { HttpServerResponse } from "@effect/platform"

/**
 * Cross-origin access for the front end's origins (fetch.spec.whatwg.org, "CORS protocol"). The platform's own middleware
 * opens everything when the list is empty and leaves `Vary` out for an origin that it refuses.
 */
const METHODS = "GET, HEAD, POST"
const REQUEST_HEADERS = "Authorization, Content-Type, X-Telegram-Init-Data"
const EXPOSED_HEADERS = "X-Request-Id, Retry-After, WWW-Authenticate"
const MAX_AGE_SECONDS = "600"

export const corsHeaders = (allowed: ReadonlySet<string>, origin: string | undefined): Record<string, string> =>
  origin !== undefined && allowed.has(origin)
    ? { vary: "Origin", "access-control-allow-origin": origin, "access-control-expose-headers": EXPOSED_HEADERS }
    : { vary: "Origin" }

/** The answer to a preflight request. Whether its origin may go on is in the headers of `corsHeaders`. */
export const preflight = (allowed: ReadonlySet<string>, origin: string): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.empty({
    status: 204,
    headers: allowed.has(origin)
      ? {
          "access-control-allow-methods": METHODS,
          "access-control-allow-headers": REQUEST_HEADERS,
          "access-control-max-age": MAX_AGE_SECONDS
        }
      : {}
  })
