import { HttpServerRequest, type HttpServerResponse } from "@effect/platform"
import { Data, Effect, Tracer } from "effect"
import { loginOutcome } from "../System/LoginOutcome.js"
import type { RequestRecord } from "./RequestRecord.js"
import { isProbe } from "./Routes.js"

/**
 * The span of a request. The platform's own has the whole URL and every header in it, and with them initData and
 * whatever garbage a client sends; ours has what the log line has.
 */

/** Ends the span as failed, and still gives the answer. */
class Failed extends Data.TaggedError("ServerError")<{
  readonly response: HttpServerResponse.HttpServerResponse
}> {}

/**
 * The caller's span (w3.org/TR/trace-context). Strictly: the platform takes any text for an id, and one that a collector
 * refuses would throw away everybody's spans in the same batch.
 */
export const parentOf = (traceparent: string | undefined): Tracer.ExternalSpan | undefined => {
  const [, traceId, spanId, flags] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent ?? "") ?? []
  if (traceId === undefined || spanId === undefined || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined
  return Tracer.externalSpan({ traceId, spanId, sampled: (Number.parseInt(flags ?? "0", 16) & 1) === 1 })
}

const attributesAfter = (
  { error, id, method, route }: RequestRecord,
  status: number
): ReadonlyArray<readonly [string, string | number]> => {
  const login = loginOutcome(method, route?.template ?? "", status, error)
  return [
    ["http.request.method", method],
    ...(route === undefined ? [] : [["http.route", route.template] as const]),
    ["http.response.status_code", status],
    ["app.request_id", id],
    ...(error === undefined ? [] : [["error.type", error] as const]),
    ...(login === undefined ? [] : [["app.login_outcome", login] as const])
  ]
}

/** Puts the work for a request into its span. Probes come every few seconds and tell nothing. */
export const inSpan =
  (record: RequestRecord) =>
  <R>(
    self: Effect.Effect<HttpServerResponse.HttpServerResponse, never, R>
  ): Effect.Effect<HttpServerResponse.HttpServerResponse, never, R | HttpServerRequest.HttpServerRequest> => {
    if (isProbe(record.route)) return Effect.withTracerEnabled(self, false)
    const name = record.route === undefined ? record.method : `${record.method} ${record.route.template}`
    return Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ headers }) =>
      Effect.useSpan(
        name,
        { kind: "server", captureStackTrace: false, parent: parentOf(headers.traceparent), root: true },
        (span) =>
          Effect.flatMap(Effect.withParentSpan(self, span), (response) => {
            for (const [key, value] of attributesAfter(record, response.status)) span.attribute(key, value)
            return response.status < 500 ? Effect.succeed(response) : new Failed({ response })
          })
      )
    ).pipe(Effect.catchTag("ServerError", ({ response }) => Effect.succeed(response)))
  }
