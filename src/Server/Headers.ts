import { corsHeaders } from "./Cors.js"
import type { RequestRecord } from "./RequestRecord.js"

/**
 * The headers that every answer has, whatever is in it (OWASP REST Security Cheat Sheet). Strict-Transport-Security is
 * not among them: over plain HTTP, which is all that the service speaks, browsers ignore it, and whether the host's other
 * services have TLS too, only the proxy that ends it knows.
 */

const always = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  // What `frame-ancestors` says, for browsers that don't know it.
  "x-frame-options": "DENY"
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

const byPath = new Map<string, Record<string, string>>([
  ["/docs", page],
  ["/openapi.json", document]
])

export const answerHeaders = (
  { id, path, route }: RequestRecord,
  answer: {
    readonly status: number
    readonly origin: string | undefined
    readonly allowedOrigins: ReadonlySet<string>
    /** The service is stopping: the client takes its next request elsewhere. */
    readonly lastOfConnection: boolean
  }
): Record<string, string> => ({
  ...((answer.status < 400 && byPath.get(path)) || data),
  ...corsHeaders(answer.allowedOrigins, answer.origin),
  "x-request-id": id,
  ...(answer.status === 405 && route !== undefined ? { allow: route.allow } : {}),
  ...(answer.lastOfConnection ? { connection: "close" } : {})
})
