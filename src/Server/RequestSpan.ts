import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Tracer from "effect/Tracer"
import { loginOutcome } from "../System/LoginOutcome.js"
import type { Answer } from "./Answer.js"
import { isProbe } from "./Routes.js"
import type { ServerRequest } from "./ServerRequest.js"

/**
 * The span of a request. The platform's own has the whole URL and every header in it, and with them initData and
 * whatever garbage a client sends; ours has what the log line has.
 */

/** Ends the span as failed, and still gives the answer. */
class Failed extends Data.TaggedError("ServerError")<{ readonly answer: Answer }> {}

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
  { error, id, method, route }: ServerRequest,
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
  (request: ServerRequest) =>
  (self: Effect.Effect<Answer>): Effect.Effect<Answer> => {
    const { headers, method, route } = request
    if (isProbe(route)) return Effect.withTracerEnabled(self, false)
    const parent = parentOf(headers.traceparent)
    return Effect.useSpan(
      route === undefined ? method : `${method} ${route.template}`,
      { kind: "server", captureStackTrace: false, parent, root: true },
      (span) =>
        Effect.flatMap(Effect.withParentSpan(self, span), (answer) => {
          for (const [key, value] of attributesAfter(request, answer.status)) span.attribute(key, value)
          return answer.status < 500 ? Effect.succeed(answer) : new Failed({ answer })
        })
    ).pipe(Effect.catchTag("ServerError", ({ answer }) => Effect.succeed(answer)))
  }
