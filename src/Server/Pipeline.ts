import { HttpApiBuilder, type HttpApp, HttpServerError, HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Cause, Effect, HashSet } from "effect"
import { AppConfig } from "../Config.js"
import { Metrics } from "../System/Metrics.js"
import { CLIENT_CLOSED_REQUEST, recordAnswer } from "./AccessLog.js"
import { withLimitedBody } from "./Body.js"
import { isPreflight, preflight } from "./Cors.js"
import { Draining } from "./Draining.js"
import { errorResponse } from "./ErrorResponse.js"
import { toApiError } from "./Failure.js"
import { hasBody, refusalOf } from "./Guards.js"
import { answerHeaders } from "./Headers.js"
import { openRecord, originForm, type RequestRecord } from "./RequestRecord.js"
import { escapeGarbage } from "./Routes.js"

const isClientGone = (cause: Cause.Cause<unknown>): boolean =>
  Cause.isInterruptedOnly(cause) && HashSet.has(Cause.interruptors(cause), HttpServerError.clientAbortFiberId)

/** The request as the router is to see it: in origin form, every path readable, the body within its limit. */
const prepared = (request: HttpServerRequest.HttpServerRequest, { path }: RequestRecord) => {
  const url = originForm(request.url)
  const readable = escapeGarbage(path) + url.slice(path.length)
  return withLimitedBody(readable === request.url ? request : request.modify({ url: readable }))
}

/** The way of every request, in order: id and route, preflight, guards, handler, errors, headers, log line. */
export const PipelineLive = HttpApiBuilder.middleware(
  Effect.gen(function* () {
    const { allowedOrigins } = yield* AppConfig
    const metrics = yield* Metrics
    const draining = yield* Draining
    const allowed: ReadonlySet<string> = new Set(allowedOrigins)

    const answer = (app: HttpApp.Default, request: HttpServerRequest.HttpServerRequest, record: RequestRecord) => {
      if (record.route !== undefined && isPreflight(request)) return Effect.succeed(preflight(allowed, request))
      const refusal = refusalOf(request, record.route)
      if (refusal !== undefined) return Effect.succeed(errorResponse(refusal))
      return Effect.flatMap(prepared(request, record), (request) =>
        // A body that no handler reads has its limit all the same.
        Effect.zipRight(
          hasBody(request) && request.method !== "POST"
            ? Effect.interruptible(Effect.orDie(request.text))
            : Effect.void,
          Effect.provideService(app, HttpServerRequest.HttpServerRequest, request)
        )
      )
    }

    return (app: HttpApp.Default): HttpApp.Default =>
      Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => {
        const record = openRecord(request)
        return answer(app, request, record).pipe(
          Effect.catchAllCause((cause) =>
            isClientGone(cause) ? Effect.failCause(cause) : Effect.map(toApiError(cause, request), errorResponse)
          ),
          Effect.map((response) =>
            HttpServerResponse.setHeaders(
              response,
              answerHeaders(record, {
                status: response.status,
                origin: request.headers.origin,
                allowedOrigins: allowed,
                lastOfConnection: draining.started
              })
            )
          ),
          Effect.tap(({ status }) => recordAnswer(metrics, record, status)),
          Effect.onInterrupt(() => recordAnswer(metrics, record, CLIENT_CLOSED_REQUEST)),
          Effect.annotateLogs("request_id", record.id)
        )
      })
  })
)
