import { type FlatHeaders, flat } from "./Answer.js"
import { corsHeaders } from "./Cors.js"
import type { ServerRequest } from "./ServerRequest.js"

/**
 * The headers that every answer has, whatever is in it (OWASP REST Security Cheat Sheet). Strict-Transport-Security is
 * not among them: over plain HTTP, which is all that the service speaks, browsers ignore it, and whether the host's other
 * services have TLS too, only the proxy that ends it knows.
 */

const always = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  // What `frame-ancestors` says, for browsers that don't know it.
  "x-frame-options": "DENY",
  // What is answered to one origin is not what is answered to another (src/Server/Cors.ts).
  vary: "Origin"
}

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

const byDefault = flat(data)
const byPath = new Map<string, FlatHeaders>([
  ["/docs", flat(page)],
  ["/openapi.json", flat(document)]
])

export const answerHeaders = (
  { headers: { origin }, id, path, route }: ServerRequest,
  status: number,
  state: {
    readonly allowedOrigins: ReadonlySet<string>
    /** The service is stopping: the client takes its next request elsewhere. */
    readonly lastOfConnection: boolean
  }
): FlatHeaders => {
  const headers = [...((status < 400 && byPath.get(path)) || byDefault), "x-request-id", id]
  if (origin !== undefined) headers.push(...flat(corsHeaders(state.allowedOrigins, origin)))
  if (status === 405 && route !== undefined) headers.push("allow", route.allow)
  if (state.lastOfConnection) headers.push("connection", "close")
  return headers
}
