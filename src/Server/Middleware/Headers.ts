import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import { errorHeaders, rateLimitHeaders } from "../../Response/ErrorResponse.js"
import { Draining } from "../../System/Draining.js"
import { DOCS_PATH, DOCUMENT_PATH, type Routes } from "../Routes.js"
import { type Middleware, withRequest } from "./Middleware.js"

/**
 * The headers that every response has, whatever is in it (OWASP REST Security Cheat Sheet). Strict-Transport-Security is
 * not among them: over plain HTTP, which is all that the service speaks, browsers ignore it, and whether the host's other
 * services have TLS too, only the proxy that ends it knows.
 */

const always = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  // What `frame-ancestors` says, for browsers that don't know it.
  "x-frame-options": "DENY"
}

/** The response to one origin is not the response to another (src/Server/Middleware/Cors.ts). */
const VARY = "Origin"

/** For what a browser shows only when somebody opens it by hand. */
const data = {
  ...always,
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cache-control": "no-store"
}

/** The page carries its script and style in itself, and asks nobody but us. */
const page = {
  ...always,
  "content-security-policy":
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'; frame-ancestors 'none'",
  "cache-control": "no-cache"
}

const document = { ...data, "cache-control": "no-cache" }

const ofRoute = (route: string | undefined) => (route === DOCS_PATH ? page : route === DOCUMENT_PATH ? document : data)

/** Also those that an error brings: `Allow`, `WWW-Authenticate`, `Retry-After`; and what is left of a limit. */
export const responseHeaders = (routes: Routes): Effect.Effect<Middleware, never, Draining> =>
  Effect.map(
    Draining,
    (draining): Middleware =>
      (app) =>
        withRequest((_, current) =>
          Effect.map(app, (response) => {
            const { headers, status } = response
            const allow = status === 405 ? routes.of(current.route)?.allow : undefined
            return HttpServerResponse.setHeaders(response, {
              ...(status < 400 ? ofRoute(current.route) : data),
              vary: headers.vary === undefined ? VARY : `${VARY}, ${headers.vary}`,
              "x-request-id": current.id,
              ...(current.error === undefined ? undefined : errorHeaders(current.error)),
              ...(current.rateLimit === undefined ? undefined : rateLimitHeaders(current.rateLimit)),
              ...(allow === undefined ? undefined : { allow }),
              // The service is stopping: the client takes its next request elsewhere.
              ...(draining.isStarted() ? { connection: "close" } : undefined)
            })
          })
        )
  )
