import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import { identity } from "effect/Function"
import * as Tracer from "effect/Tracer"
import { loginOutcome } from "../../Auth/LoginOutcome.js"
import type { RequestInfo } from "../../Domain/CurrentRequest.js"
import { isProbe } from "../Routes.js"
import { type Middleware, withRequest } from "./Middleware.js"

/**
 * The span of a request. The platform's own has the whole URL and every header in it, and with them initData and
 * whatever garbage a client sends; ours has what the log line has.
 */

/** Ends the span as failed, and still gives the response. */
class Failed extends Data.TaggedError("ServerError")<{ readonly response: HttpServerResponse.HttpServerResponse }> {}

/**
 * The caller's span (w3.org/TR/trace-context). Strictly: the platform takes any text for an id, and one that a collector
 * refuses would throw away everybody's spans in the same batch.
 */
export const parentOf = (traceparent: string | undefined): Tracer.ExternalSpan | undefined => {
  const [, traceId, spanId, flags] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent ?? "") ?? []
  if (traceId === undefined || spanId === undefined || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined
  return Tracer.externalSpan({ traceId, spanId, sampled: (Number.parseInt(flags ?? "0", 16) & 1) === 1 })
}

const attributesOf = (request: RequestInfo, status: number): ReadonlyArray<readonly [string, string | number]> => {
  const { error, id, method, route } = request
  const login = loginOutcome(request, status)
  return [
    ["http.request.method", method],
    ...(route === undefined ? [] : [["http.route", route] as const]),
    ["http.response.status_code", status],
    ["app.request_id", id],
    ...(error === undefined ? [] : [["error.type", error._tag] as const]),
    ...(login === undefined ? [] : [["app.login_outcome", login] as const])
  ]
}

/** Puts the work for a request into its span. Probes come every few seconds and tell nothing. */
const inSpan: Middleware = (app) =>
  withRequest(({ headers }, current) => {
    const { method, route } = current
    if (isProbe(route)) return Effect.withTracerEnabled(app, false)
    const parent = parentOf(headers.traceparent)
    return Effect.useSpan(
      route === undefined ? method : `${method} ${route}`,
      { kind: "server", captureStackTrace: false, parent, root: true },
      (span) =>
        Effect.flatMap(Effect.withParentSpan(app, span), (response) => {
          for (const [key, value] of attributesOf(current, response.status)) span.attribute(key, value)
          return response.status < 500 ? Effect.succeed(response) : new Failed({ response })
        })
    ).pipe(
      Effect.catchIf(
        (error) => error instanceof Failed,
        ({ response }) => Effect.succeed(response)
      )
    )
  })

/** Where nobody listens to spans, none is made. */
export const requestSpan: Effect.Effect<Middleware> = Effect.map(
  FiberRef.get(FiberRef.currentTracerEnabled),
  (isEnabled) => (isEnabled ? inSpan : identity)
)
