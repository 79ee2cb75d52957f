import * as Effect from "effect/Effect"
import { RequestLine } from "../Logging.js"
import { loginOutcome } from "../System/LoginOutcome.js"
import type { Metrics } from "../System/Metrics.js"
import type { ServerRequest } from "./ServerRequest.js"

/** A client that went away before its answer: nginx's number for it. It is never sent. */
export const CLIENT_CLOSED_REQUEST = 499

const NO_ROUTE = "(no route)"

/**
 * The one log line of a request, and its share in the figures. Routes are named by their template: the path and the query
 * that came may hold what nobody should find in a log.
 */
export const recordAnswer = (
  metrics: typeof Metrics.Service,
  { admin, error, method, route, startedAt }: ServerRequest,
  status: number
): Effect.Effect<void> => {
  const millis = performance.now() - startedAt
  const template = route?.template ?? NO_ROUTE
  metrics.request(method, template, status, millis / 1000)
  const login = loginOutcome(method, template, status, error)
  if (login !== undefined) metrics.login(login)
  return Effect.logInfo(
    new RequestLine({
      method,
      route: template,
      status,
      duration_ms: Math.round(millis * 1000) / 1000,
      error,
      admin_id: admin?.userId
    })
  )
}
