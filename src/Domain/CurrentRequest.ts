import * as Context from "effect/Context"
import type { Admin } from "./CurrentAdmin.js"

/** What is left to a client of a limit on how often it may ask. */
export interface RateLimit {
  /** Requests in a window. */
  readonly limit: number
  readonly remaining: number
  /** Seconds until the window ends, from 1. */
  readonly reset: number
}

/** What is known of a request while it is on its way. It is for the log line, the metrics, the span and the headers. */
export interface RequestInfo {
  /** `X-Request-Id`: ours alone. A client's own would let it write into our log. */
  readonly id: string
  readonly method: string
  /** The route's template, such as `/api/bots/{bot_id}/summary`. Undefined where there is no such route. */
  readonly route: string | undefined
  /** Milliseconds, by `performance.now()`. */
  readonly startedAt: number
  /** Who makes it, once the credential told. */
  admin: Admin | undefined
  /** The error that it is answered with. */
  error: { readonly _tag: string } | undefined
  /** The limit that it counts for, once it has. */
  rateLimit?: RateLimit
}

/**
 * The request that a fiber works for, and undefined elsewhere. It is a Reference, so that also what may ask for no service
 * of ours can read it: the logger, and the platform's middleware.
 */
export class CurrentRequest extends Context.Reference<CurrentRequest>()("app/CurrentRequest", {
  defaultValue: (): RequestInfo | undefined => undefined
}) {}
