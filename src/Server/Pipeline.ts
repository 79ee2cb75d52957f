import {
  HttpApiBuilder,
  type HttpApp,
  HttpServerError,
  HttpServerRequest,
  type HttpServerResponse
} from "@effect/platform"
import { Cause, Effect, FiberRef, HashSet } from "effect"
import { AdminsRepo } from "../Auth/AdminsRepo.js"
import { AppConfig } from "../Config.js"
import type { ApiError } from "../Domain/Errors.js"
import { Metrics } from "../System/Metrics.js"
import { CLIENT_CLOSED_REQUEST, recordAnswer } from "./AccessLog.js"
import { readBody } from "./Body.js"
import { isPreflight, preflight } from "./Cors.js"
import { Draining } from "./Draining.js"
import { errorResponse } from "./ErrorResponse.js"
import { toApiError } from "./Failure.js"
import { hasBody, refusalOf } from "./Guards.js"
import { answerHeaders } from "./Headers.js"
import { Load } from "./Load.js"
import { type NodeRequest, own } from "./NodeRequest.js"
import type { RequestRecord } from "./RequestRecord.js"
import { inSpan } from "./RequestSpan.js"
import { isProbe } from "./Routes.js"

const isClientGone = (cause: Cause.Cause<unknown>): boolean =>
  Cause.isInterruptedOnly(cause) && HashSet.has(Cause.interruptors(cause), HttpServerError.clientAbortFiberId)

const refuse = (record: RequestRecord, error: ApiError) => {
  record.error = error._tag
  return errorResponse(error)
}

/**
 * The way of every request, in order: id and route, preflight, guards, load, handler, errors, headers, log line. Nothing
 * but the body and the handler can be interrupted (src/Server/Serving.ts), so that what is counted here is counted right.
 */
export const PipelineLive = HttpApiBuilder.middleware(
  Effect.gen(function* () {
    const { allowedOrigins } = yield* AppConfig
    const admins = yield* AdminsRepo
    const metrics = yield* Metrics
    const load = yield* Load
    const draining = yield* Draining
    const traced = yield* FiberRef.get(FiberRef.currentTracerEnabled)
    const allowed: ReadonlySet<string> = new Set(allowedOrigins)

    const run = (app: HttpApp.Default, request: NodeRequest) => {
      if (isProbe(request.record.route)) return app
      if (!hasBody(request) && request.method !== "POST") return load.admit(app)
      // The body is read before the request counts as in progress: clients that send slowly can't fill the service. One
      // that no handler reads has its limit all the same.
      return load.check.pipe(Effect.zipRight(readBody(request)), Effect.zipRight(load.admit(app)))
    }

    const answer = (app: HttpApp.Default, request: NodeRequest) => {
      const { record } = request
      if (record.route !== undefined && isPreflight(request)) return Effect.succeed(preflight(allowed, request))
      const refusal = refusalOf(request, record.route)
      return refusal === undefined ? run(app, request) : Effect.succeed(refuse(record, refusal))
    }

    /**
     * A token is no credential once its account is gone, and that is told before what is wrong with the parameters and
     * with the right to the bot. The account was not looked for until now (src/Domain/CurrentAdmin.ts).
     */
    const mayHideBehind = (error: ApiError) => error._tag === "InvalidRequest" || error._tag === "AccessDenied"

    const refuseFor = (cause: Cause.Cause<unknown>, record: RequestRecord) =>
      Effect.flatMap(toApiError(cause, record), (error) =>
        record.admin !== undefined && mayHideBehind(error)
          ? Effect.matchCauseEffect(admins.confirm(record.admin), {
              onFailure: (cause) => Effect.map(toApiError(cause, record), (error) => refuse(record, error)),
              onSuccess: () => Effect.succeed(refuse(record, error))
            })
          : Effect.succeed(refuse(record, error))
      )

    const finish = ({ headers, record }: NodeRequest, response: HttpServerResponse.HttpServerResponse) => {
      record.headers = answerHeaders(record, {
        status: response.status,
        origin: headers.origin,
        allowedOrigins: allowed,
        lastOfConnection: draining.started
      })
      return Effect.as(recordAnswer(metrics, record, response.status), response)
    }

    return (app: HttpApp.Default): HttpApp.Default =>
      Effect.flatMap(HttpServerRequest.HttpServerRequest, (given) => {
        const request = own(given)
        const { record } = request
        const answered = Effect.catchAllCause(answer(app, request), (cause) =>
          isClientGone(cause) ? Effect.failCause(cause as Cause.Cause<never>) : refuseFor(cause, record)
        )
        return Effect.matchCauseEffect(traced ? inSpan(record)(answered) : answered, {
          onFailure: (cause) =>
            isClientGone(cause)
              ? Effect.zipRight(recordAnswer(metrics, record, CLIENT_CLOSED_REQUEST), Effect.failCause(cause))
              : Effect.failCause(cause),
          onSuccess: (response) => finish(request, response)
        })
      })
  })
)
