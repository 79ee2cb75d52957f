import { randomUUID } from "node:crypto"
import { HttpApiBuilder, type HttpApp, HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Cause, Clock, Effect, Option } from "effect"
import { AppConfig } from "../Config.js"
import { MethodNotAllowed, NotFound, PayloadTooLarge, UnsupportedMediaType } from "../Domain/Errors.js"
import { Metrics } from "../System/Metrics.js"
import { corsHeaders, preflight } from "./Cors.js"
import { errorResponse } from "./ErrorResponse.js"
import { toApiError } from "./Failure.js"
import { escapeGarbage, matchRoute, type Route } from "./Routes.js"

/** The way of every request, in order: id, route, preflight, body, handler, errors, headers, log line. */

const MAX_BODY_BYTES = 64 * 1024

/** A client that went away before its answer: nginx's number for it. It is never sent. */
const CLIENT_CLOSED_REQUEST = 499

const pathOf = (url: string) => url.split(/[?#]/, 1)[0] ?? ""

const hasBody = ({ headers }: HttpServerRequest.HttpServerRequest) =>
  headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0

const refuseBody = (
  request: HttpServerRequest.HttpServerRequest
): Effect.Effect<void, PayloadTooLarge | UnsupportedMediaType> => {
  if (Number(request.headers["content-length"] ?? 0) > MAX_BODY_BYTES) {
    return Effect.fail(new PayloadTooLarge({ message: "The body is over 64 KiB" }))
  }
  const isJson = /^application\/json\s*(;|$)/i.test(request.headers["content-type"] ?? "")
  return request.method === "POST" && !isJson
    ? Effect.fail(new UnsupportedMediaType({ message: "Send the body as JSON, with Content-Type: application/json" }))
    : Effect.void
}

const refuseRoute = (route: Route | undefined, method: string): Effect.Effect<void, NotFound | MethodNotAllowed> =>
  route === undefined
    ? Effect.fail(new NotFound({ message: "No such route; /docs lists them" }))
    : route.methods.has(method)
      ? Effect.void
      : Effect.fail(
          new MethodNotAllowed({
            message: `This route does not take ${method}; it takes ${[...route.methods].join(", ")}`
          })
        )

const DOCS_POLICY =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'; frame-ancestors 'none'"
const API_POLICY = "default-src 'none'; frame-ancestors 'none'"

const securityHeaders = (path: string): Record<string, string> => ({
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "content-security-policy": path === "/docs" ? DOCS_POLICY : API_POLICY,
  "cache-control": path === "/docs" || path === "/openapi.json" ? "no-cache" : "no-store"
})

export const PipelineLive = HttpApiBuilder.middleware(
  Effect.gen(function* () {
    const { allowedOrigins } = yield* AppConfig
    const metrics = yield* Metrics
    const allowed: ReadonlySet<string> = new Set(allowedOrigins)

    return (app: HttpApp.Default): HttpApp.Default =>
      Effect.gen(function* () {
        const request = yield* HttpServerRequest.HttpServerRequest
        const requestId = randomUUID()
        const started = yield* Clock.currentTimeNanos
        const path = pathOf(request.url)
        const route = matchRoute(path)
        const origin = request.headers.origin

        const answer =
          request.method === "OPTIONS" &&
          route !== undefined &&
          origin !== undefined &&
          request.headers["access-control-request-method"] !== undefined
            ? Effect.succeed(preflight(allowed, origin))
            : refuseRoute(route, request.method).pipe(
                Effect.zipRight(refuseBody(request)),
                Effect.zipRight(app),
                HttpServerRequest.withMaxBodySize(Option.some(MAX_BODY_BYTES)),
                Effect.provideService(
                  HttpServerRequest.HttpServerRequest,
                  request.modify({ url: escapeGarbage(path) + request.url.slice(path.length) })
                )
              )

        const finish = (status: number) =>
          Effect.gen(function* () {
            const nanos = (yield* Clock.currentTimeNanos) - started
            const template = route?.template ?? "(no route)"
            metrics.record(request.method, template, status, Number(nanos) / 1e9)
            yield* Effect.logInfo(`${request.method} ${template} ${status}`).pipe(
              Effect.annotateLogs({
                method: request.method,
                route: template,
                status,
                duration_ms: Number(nanos / 1000n) / 1000
              })
            )
          })

        return yield* answer.pipe(
          Effect.catchAllCause((cause) =>
            Cause.isInterruptedOnly(cause)
              ? Effect.failCause(cause)
              : Effect.map(toApiError(cause, request), errorResponse)
          ),
          Effect.map((response) =>
            HttpServerResponse.setHeaders(response, {
              ...securityHeaders(path),
              ...corsHeaders(allowed, origin),
              "x-request-id": requestId,
              ...(response.status === 405 && route !== undefined ? { allow: [...route.methods].join(", ") } : {}),
              ...(hasBody(request) && response.status === 413 ? { connection: "close" } : {})
            })
          ),
          Effect.tap((response) => finish(response.status)),
          Effect.onInterrupt(() => finish(CLIENT_CLOSED_REQUEST)),
          Effect.annotateLogs("request_id", requestId)
        )
      }) as HttpApp.Default
  })
)
