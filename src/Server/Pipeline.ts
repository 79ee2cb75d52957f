import { HttpApiBuilder, type HttpApp, HttpServerError, HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Cause, Effect, FiberRef, HashSet, identity } from "effect"
import { AppConfig } from "../Config.js"
import type { ApiError } from "../Domain/Errors.js"
import { Metrics } from "../System/Metrics.js"
import { CLIENT_CLOSED_REQUEST, recordAnswer } from "./AccessLog.js"
import { withLimitedBody } from "./Body.js"
import { isPreflight, preflight } from "./Cors.js"
import { Draining } from "./Draining.js"
import { errorResponse } from "./ErrorResponse.js"
import { toApiError } from "./Failure.js"
import { hasBody, refusalOf } from "./Guards.js"
import { answerHeaders } from "./Headers.js"
import { Load } from "./Load.js"
import { openRecord, originForm, type RequestRecord } from "./RequestRecord.js"
import { inSpan } from "./RequestSpan.js"
import { escapeGarbage, isProbe } from "./Routes.js"

const isClientGone = (cause: Cause.Cause<unknown>): boolean =>
  Cause.isInterruptedOnly(cause) && HashSet.has(Cause.interruptors(cause), HttpServerError.clientAbortFiberId)

/** The request as the router is to see it: in origin form, every path readable, the body within its limit. */
const prepared = (request: HttpServerRequest.HttpServerRequest, { path }: RequestRecord) => {
  const url = originForm(request.url)
  const readable = escapeGarbage(path) + url.slice(path.length)
  return withLimitedBody(readable === request.url ? request : request.modify({ url: readable }))
}

/**
 * The body is read here, before the request counts as in progress: clients that send slowly can't fill the service. A
 * body that no handler reads has its limit all the same.
 */
const bodyRead = (request: HttpServerRequest.HttpServerRequest): Effect.Effect<void> =>
  hasBody(request) ? Effect.asVoid(Effect.interruptible(Effect.orDie(request.text))) : Effect.void

const refuse = (record: RequestRecord, error: ApiError) => {
  record.error = error._tag
  return errorResponse(error)
}

/** The way of every request, in order: id and route, preflight, guards, load, handler, errors, headers, log line. */
export const PipelineLive = HttpApiBuilder.middleware(
  Effect.gen(function* () {
    const { allowedOrigins } = yield* AppConfig
    const metrics = yield* Metrics
    const load = yield* Load
    const draining = yield* Draining
    const traced = yield* FiberRef.get(FiberRef.currentTracerEnabled)
    const allowed: ReadonlySet<string> = new Set(allowedOrigins)

    const run = (app: HttpApp.Default, request: HttpServerRequest.HttpServerRequest, record: RequestRecord) =>
      Effect.flatMap(prepared(request, record), (request) => {
        const handled = Effect.provideService(app, HttpServerRequest.HttpServerRequest, request)
        return Effect.zipRight(bodyRead(request), isProbe(record.route) ? handled : load.admit(handled))
      })

    const answer = (app: HttpApp.Default, request: HttpServerRequest.HttpServerRequest, record: RequestRecord) => {
      if (record.route !== undefined && isPreflight(request)) return Effect.succeed(preflight(allowed, request))
      const refusal = refusalOf(request, record.route)
      if (refusal !== undefined) return Effect.succeed(refuse(record, refusal))
      const running = run(app, request, record)
      return isProbe(record.route) ? running : Effect.zipRight(load.check, running)
    }

    return (app: HttpApp.Default): HttpApp.Default =>
      Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => {
        const record = openRecord(request)
        return answer(app, request, record).pipe(
          Effect.catchAllCause((cause) =>
            isClientGone(cause)
              ? Effect.failCause(cause as Cause.Cause<never>)
              : Effect.map(toApiError(cause, request), (error) => refuse(record, error))
          ),
          traced ? inSpan(record) : identity,
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
