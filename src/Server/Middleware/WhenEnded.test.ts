import type * as HttpApp from "@effect/platform/HttpApp"
import * as HttpServerError from "@effect/platform/HttpServerError"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { assert, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { CurrentRequest } from "../../Domain/CurrentRequest.js"
import * as Metrics from "../../Telemetry/Metrics.js"
import { requestMetrics } from "./RequestMetrics.js"
import { type Observer, whenEnded } from "./WhenEnded.js"

const run = (app: HttpApp.Default<unknown>, ...observers: ReadonlyArray<Observer>) =>
  whenEnded(...observers)(app).pipe(
    Effect.provideService(CurrentRequest, {
      id: "1",
      method: "GET",
      route: "/some/{route}",
      startedAt: performance.now() - 30,
      admin: undefined,
      error: undefined
    }),
    Effect.provideService(HttpServerRequest.HttpServerRequest, HttpServerRequest.fromWeb(new Request("http://x/"))),
    Effect.exit
  )

const ofStatus = (status: number) => Effect.succeed(HttpServerResponse.empty({ status }))
const clientGone = Effect.failCause(Cause.interrupt(HttpServerError.clientAbortFiberId))

it.effect("each observer is told once, with the status that is sent, or 499 where nobody is there", () =>
  Effect.gen(function* () {
    const told: Array<string> = []
    const observer =
      (name: string): Observer =>
      ({ route }, status) =>
        Effect.sync(() => told.push(`${name} ${route} ${status}`))
    assert.isTrue(Exit.isSuccess(yield* run(ofStatus(201), observer("a"), observer("b"))))
    assert.isTrue(Exit.isInterrupted(yield* run(clientGone, observer("c"))))
    assert.isTrue(Exit.isFailure(yield* run(Effect.fail("a failure of the middleware"), observer("d"))))
    assert.deepStrictEqual(told, ["a /some/{route} 201", "b /some/{route} 201", "c /some/{route} 499"])
  })
)

it.effect("the metrics count each by method, route and status, with its seconds", () =>
  Effect.gen(function* () {
    const observer = yield* requestMetrics
    yield* run(ofStatus(200), observer)
    yield* run(ofStatus(200), observer)
    yield* run(clientGone, observer)
    const text = yield* Effect.flatMap(Metrics.Metrics, ({ text }) => text)
    assert.include(text, 'http_requests_total{method="GET",route="/some/{route}",status="200"} 2')
    assert.include(text, 'http_requests_total{method="GET",route="/some/{route}",status="499"} 1')
    assert.include(
      text,
      'http_request_duration_seconds_bucket{le="0.025",method="GET",route="/some/{route}",status="200"} 0'
    )
    assert.include(text, 'http_request_duration_seconds_count{method="GET",route="/some/{route}",status="200"} 2')
  }).pipe(Effect.provide(Metrics.Metrics.Default))
)
