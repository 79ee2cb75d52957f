import * as HttpServerError from "@effect/platform/HttpServerError"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as HashSet from "effect/HashSet"
import { AdminsRepo } from "../Auth/AdminsRepo.js"
import { AppConfig } from "../Config.js"
import { type ApiError, ServiceUnavailable } from "../Domain/Errors.js"
import { Metrics } from "../System/Metrics.js"
import { CLIENT_CLOSED_REQUEST, recordAnswer } from "./AccessLog.js"
import type { Answer } from "./Answer.js"
import { readBody } from "./Body.js"
import { isPreflight, preflight } from "./Cors.js"
import { Draining } from "./Draining.js"
import { type Endpoint, Endpoints } from "./Endpoints.js"
import { errorAnswer } from "./ErrorResponse.js"
import { toApiError } from "./Failure.js"
import { hasBody, notFound, refusalOf } from "./Guards.js"
import { answerHeaders } from "./Headers.js"
import { Load } from "./Load.js"
import { inSpan } from "./RequestSpan.js"
import { isProbe, type Route } from "./Routes.js"
import type { ServerRequest } from "./ServerRequest.js"
import type { App } from "./Serving.js"

const overloaded = new ServiceUnavailable({
  message: "The service is overloaded: too many requests are in progress. Try again in a few seconds."
})

const isClientGone = (cause: Cause.Cause<unknown>): cause is Cause.Cause<never> =>
  Cause.isInterruptedOnly(cause) && HashSet.has(Cause.interruptors(cause), HttpServerError.clientAbortFiberId)

const nothing = () => {}

const refuse = (request: ServerRequest, error: ApiError): Answer => {
  request.error = error._tag
  return errorAnswer(error)
}

/**
 * The way of every request, in order: preflight, guards, load, endpoint, errors, headers, log line. Nothing but the body and
 * the endpoint can be interrupted (src/Server/Serving.ts), so that what is counted here is counted right.
 */
export const makePipeline = Effect.gen(function* () {
  const { allowedOrigins } = yield* AppConfig
  const admins = yield* AdminsRepo
  const metrics = yield* Metrics
  const load = yield* Load
  const draining = yield* Draining
  const endpoints = yield* Endpoints
  const traced = yield* FiberRef.get(FiberRef.currentTracerEnabled)
  const allowed: ReadonlySet<string> = new Set(allowedOrigins)

  /**
   * A token is no credential once its account is gone, and that is told before what is wrong with the parameters and
   * with the right to the bot. The account was not looked for until now (src/Domain/CurrentAdmin.ts).
   */
  const mayHideBehind = (error: ApiError) => error._tag === "InvalidRequest" || error._tag === "AccessDenied"

  const refuseFor = (cause: Cause.Cause<unknown>, request: ServerRequest): Effect.Effect<Answer> =>
    isClientGone(cause)
      ? Effect.failCause(cause)
      : Effect.flatMap(toApiError(cause), (error) =>
          request.admin !== undefined && mayHideBehind(error)
            ? Effect.matchCauseEffect(admins.confirm(request.admin), {
                onFailure: (cause) => Effect.map(toApiError(cause), (error) => refuse(request, error)),
                onSuccess: () => Effect.succeed(refuse(request, error))
              })
            : Effect.succeed(refuse(request, error))
        )

  const ask = (endpoint: Endpoint, request: ServerRequest, ended: () => void): Effect.Effect<Answer> =>
    Effect.matchCauseEffect(Effect.interruptible(endpoint(request)), {
      onFailure: (cause) => {
        ended()
        return refuseFor(cause, request)
      },
      onSuccess: (answer) => {
        ended()
        return Effect.succeed(answer)
      }
    })

  /** Asks if there is a place for the request, which it has until its end. */
  const admit = (endpoint: Endpoint, request: ServerRequest): Effect.Effect<Answer> =>
    load.enter() ? ask(endpoint, request, load.leave) : Effect.succeed(refuse(request, overloaded))

  const run = (route: Route, request: ServerRequest): Effect.Effect<Answer> => {
    const endpoint = endpoints.of(route, request.method)
    if (isProbe(route)) return ask(endpoint, request, nothing)
    if (!hasBody(request) && request.method !== "POST") return admit(endpoint, request)
    // The body is read before the request counts as in progress: clients that send slowly can't fill the service. One
    // that no endpoint reads has its limit all the same.
    if (load.isFull()) return Effect.succeed(refuse(request, overloaded))
    return Effect.matchCauseEffect(readBody(request), {
      onFailure: (cause) => refuseFor(cause, request),
      onSuccess: () => admit(endpoint, request)
    })
  }

  const answer = (request: ServerRequest): Effect.Effect<Answer> => {
    const { route } = request
    if (route !== undefined && isPreflight(request)) return Effect.succeed(preflight(allowed, request))
    const refusal = refusalOf(request)
    return route === undefined || refusal !== undefined
      ? Effect.succeed(refuse(request, refusal ?? notFound))
      : run(route, request)
  }

  const finish = (request: ServerRequest, { body, headers, status }: Answer): Effect.Effect<Answer> => {
    const common = answerHeaders(request, status, { allowedOrigins: allowed, lastOfConnection: draining.started })
    return Effect.as(recordAnswer(metrics, request, status), { status, headers: [...common, ...headers], body })
  }

  const app: App = (request) =>
    Effect.matchCauseEffect(traced ? inSpan(request)(answer(request)) : answer(request), {
      onFailure: (cause) =>
        isClientGone(cause)
          ? Effect.zipRight(recordAnswer(metrics, request, CLIENT_CLOSED_REQUEST), Effect.failCause(cause))
          : Effect.failCause(cause),
      onSuccess: (answer) => finish(request, answer)
    })
  return app
})
