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

/** As node takes them: name, value, name, value. It is how it writes them too, and no object has to be made of them. */
export type FlatHeaders = ReadonlyArray<string>

const flat = (headers: Readonly<Record<string, string>>): FlatHeaders => Object.entries(headers).flat()

const byDefault = flat(data)
const byPath = new Map<string, FlatHeaders>([
  ["/docs", flat(page)],
  ["/openapi.json", flat(document)]
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
): FlatHeaders => {
  const headers = [...((answer.status < 400 && byPath.get(path)) || byDefault), "x-request-id", id]
  if (answer.origin !== undefined) headers.push(...flat(corsHeaders(answer.allowedOrigins, answer.origin)))
  if (answer.status === 405 && route !== undefined) headers.push("allow", route.allow)
  if (answer.lastOfConnection) headers.push("connection", "close")
  return headers
}
