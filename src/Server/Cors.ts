import { type Answer, empty, flat } from "./Answer.js"
import type { ServerRequest } from "./ServerRequest.js"

/**
 * Cross-origin access for the front end's origins (fetch.spec.whatwg.org, "CORS protocol"). The platform's own middleware
 * opens everything when the list is empty and leaves `Vary` out for an origin that it refuses.
 */
const METHODS = "GET, HEAD, POST"
const REQUEST_HEADERS = "Authorization, Content-Type, X-Telegram-Init-Data"
const EXPOSED_HEADERS =
  "X-Request-Id, Retry-After, WWW-Authenticate, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset"
const MAX_AGE_SECONDS = "600"

/** Beside `Vary: Origin`, which every answer has (src/Server/Headers.ts). */
export const corsHeaders = (allowed: ReadonlySet<string>, origin: string): Record<string, string> =>
  allowed.has(origin) ? { "access-control-allow-origin": origin, "access-control-expose-headers": EXPOSED_HEADERS } : {}

/** A browser asking whether a page of this origin may send its request. */
export const isPreflight = ({ headers, method }: ServerRequest): boolean =>
  method === "OPTIONS" && headers.origin !== undefined && headers["access-control-request-method"] !== undefined

const granted = empty(
  flat({
    "access-control-allow-methods": METHODS,
    "access-control-allow-headers": REQUEST_HEADERS,
    "access-control-max-age": MAX_AGE_SECONDS
  })
)
const notGranted = empty()

/** The answer to a preflight request. Whether its origin may go on is in the headers of `corsHeaders` too. */
export const preflight = (allowed: ReadonlySet<string>, { headers }: ServerRequest): Answer =>
  allowed.has(headers.origin ?? "") ? granted : notGranted
