import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"
import { CurrentRequest } from "../../Domain/CurrentRequest.js"
import { requestSpan } from "./RequestSpan.js"

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
const SPAN = "00f067aa0ba902b7"

/** The spans that a request makes, where whoever runs it wants spans or none. */
const spansAsSet = (route: string | undefined, status: number, traceparent = "") =>
  Effect.gen(function* () {
    const spans: Array<Tracer.Span> = []
    const real = yield* Effect.tracer
    const tracer = Tracer.make({
      context: real.context,
      span: (...options) => {
        const span = real.span(...options)
        spans.push(span)
        return span
      }
    })
    const inSpan = yield* requestSpan
    const response = yield* inSpan(Effect.succeed(HttpServerResponse.empty({ status }))).pipe(
      Effect.provideService(CurrentRequest, {
        id: "an-id",
        method: "GET",
        route,
        startedAt: 0,
        admin: undefined,
        error: status < 400 ? undefined : { _tag: "SomeError" }
      }),
      Effect.provideService(
        HttpServerRequest.HttpServerRequest,
        HttpServerRequest.fromWeb(new Request("http://x/secret?secret", { headers: { traceparent } }))
      ),
      Effect.withTracer(tracer)
    )
    assert.strictEqual(response.status, status)
    return spans
  })

const spansOf = (...request: Parameters<typeof spansAsSet>) => Effect.withTracerEnabled(spansAsSet(...request), true)

it.effect("has the route's name and what the log line has, and fails with a 5xx", () =>
  Effect.gen(function* () {
    for (const status of [200, 404, 503]) {
      const [span, ...more] = yield* spansOf("/api/bots", status)
      assert.lengthOf(more, 0)
      assert.strictEqual(span?.name, "GET /api/bots", String(status))
      assert.deepStrictEqual(Object.fromEntries(span?.attributes ?? []), {
        "http.request.method": "GET",
        "http.route": "/api/bots",
        "http.response.status_code": status,
        "app.request_id": "an-id",
        ...(status < 400 ? {} : { "error.type": "SomeError" })
      })
      const ended = span?.status
      assert.strictEqual(ended?._tag === "Ended" ? ended.exit._tag : "", status < 500 ? "Success" : "Failure")
    }
    assert.strictEqual((yield* spansOf(undefined, 404))[0]?.name, "GET")
  })
)

it.effect("is none for a probe, and none where nobody listens", () =>
  Effect.gen(function* () {
    assert.lengthOf(yield* spansOf("/readyz", 200), 0)
    assert.lengthOf(yield* Effect.withTracerEnabled(spansAsSet("/api/bots", 200), false), 0)
  })
)

it.effect("goes on with the caller's trace, if it is one to the letter", () =>
  Effect.gen(function* () {
    const parentOf = (traceparent: string) =>
      Effect.map(spansOf("/api/bots", 200, traceparent), ([span]) =>
        Option.match(span?.parent ?? Option.none(), {
          onNone: () => "none",
          onSome: ({ spanId, traceId }) => `${traceId} ${spanId}`
        })
      )
    assert.strictEqual(yield* parentOf(`00-${TRACE}-${SPAN}-01`), `${TRACE} ${SPAN}`)
    for (const wrong of [
      "",
      "x",
      `01-${TRACE}-${SPAN}-01`,
      `00-${TRACE}-${"0".repeat(16)}-01`,
      `00-${TRACE}x-${SPAN}-01`
    ]) {
      assert.strictEqual(yield* parentOf(wrong), "none", wrong)
    }
  })
)
