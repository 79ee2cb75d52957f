import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as LogLevel from "effect/LogLevel"
import * as Redacted from "effect/Redacted"
import { toCollector } from "../Telemetry.js"
import { capturedLog } from "../testing/CapturedLog.js"
import { getAs, getWith, logIn, query, request } from "../testing/Client.js"
import { metricsOf, spansOf, startCollector, textOf, valuesOf } from "../testing/Collector.js"
import { eventually } from "../testing/Eventually.js"
import { initDataOf, type TestService, testService } from "../testing/Service.js"
import type { TelemetrySettings } from "./Settings.js"

const OWNER = 777000123
const API_KEY = "a-key-for-the-collector"

const sendingTo = (endpoint: string, protocol: TelemetrySettings["protocol"] = "http/json") =>
  toCollector({ endpoint, headers: { "x-api-key": Redacted.make(API_KEY) }, serviceName: "tested", protocol })

/** The collector of a service that has done this and stopped: so it has all that was on its way. */
const collectorAfter = <E>(act: Effect.Effect<unknown, E, TestService>, protocol?: TelemetrySettings["protocol"]) =>
  Effect.gen(function* () {
    const collector = yield* startCollector
    const sending = testService({ under: sendingTo(collector.endpoint, protocol), settings: { poolSize: 2 } })
    yield* query("INSERT INTO bots (uid, bot_id, admin_id) VALUES (1, 7214036581, ?)", [OWNER]).pipe(
      Effect.zipRight(act),
      Effect.provide(sending)
    )
    return collector
  })

describe("traces", () => {
  it.scopedLive("have a span for each request, by its route, with its methods and their statements below", () =>
    Effect.gen(function* () {
      const traceId = "4bf92f3577b34da6a3ce929d0e0e4736"
      const collector = yield* collectorAfter(
        Effect.gen(function* () {
          const headers = { "X-Telegram-Init-Data": initDataOf(OWNER) }
          yield* getWith(
            { ...headers, traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
            "/api/bots/1/summary?currency=USD"
          )
          yield* getWith({ ...headers, b3: "x-y-1", traceparent: "00-x-y-01" }, "/api/bots/9/summary")
          yield* request("/nope/some/path?token=x")
          yield* logIn(initDataOf(OWNER))
          yield* logIn("hash=1")
          yield* request("/healthz")
          yield* request("/readyz")
        })
      )
      const spans = spansOf(collector)
      const requests = spans.filter(({ kind }) => kind === 2)
      assert.deepEqual(
        requests.map(({ name, attributes }) => [name, attributes["http.response.status_code"]]),
        [
          ["GET /api/bots/{bot_id}/summary", 200],
          ["GET /api/bots/{bot_id}/summary", 403],
          ["GET", 404],
          ["POST /api/auth/telegram", 200],
          ["POST /api/auth/telegram", 400]
        ]
      )
      const [summary, , , login, malformed] = requests
      assert.strictEqual(summary?.traceId, traceId)
      assert.strictEqual(summary?.parentSpanId, "00f067aa0ba902b7")
      for (const span of requests) assert.match(span.traceId + span.spanId, /^[0-9a-f]{48}$/)
      assert.strictEqual(login?.attributes["app.login_outcome"], "ok")
      assert.strictEqual(malformed?.attributes["app.login_outcome"], "malformed")
      for (const [request, method] of [
        [summary, "SummaryRepo.summary"],
        [login, "AdminsRepo.login"]
      ] as const) {
        const methods = spans.filter(({ parentSpanId }) => parentSpanId === request?.spanId)
        assert.deepStrictEqual(
          methods.map(({ name }) => name),
          [method]
        )
        const statements = spans.filter(({ parentSpanId }) => parentSpanId === methods[0]?.spanId)
        assert.isNotEmpty(statements)
        for (const { attributes, kind, name, traceId } of statements) {
          assert.strictEqual(name, "sql.execute")
          assert.strictEqual(kind, 3)
          assert.strictEqual(traceId, request?.traceId)
          assert.strictEqual(attributes["db.system.name"], "mysql")
          assert.match(String(attributes["db.query.text"]), /SELECT|UPDATE|INSERT/)
        }
      }
      assert.notMatch(textOf(collector), /url\.|user_agent|header\.|some\/path|\bcurrency=|777000123/)
      for (const { headers } of collector.received) assert.strictEqual(headers["x-api-key"], API_KEY)
    })
  )

  it.scopedLive("tell of a failure by its kind, never by its words", () =>
    Effect.gen(function* () {
      const collector = yield* collectorAfter(
        Effect.gen(function* () {
          yield* query("RENAME TABLE bots TO bots_with_a_secret_name")
          assert.strictEqual((yield* getAs(OWNER, "/api/bots")).status, 503)
          yield* query("RENAME TABLE bots_with_a_secret_name TO bots")
        })
      )
      const spans = spansOf(collector)
      const request = spans.find(({ name }) => name === "GET /api/bots")
      const failed = spans.filter(({ status, traceId }) => status.code === 2 && traceId === request?.traceId)
      assert.sameMembers(
        failed.map(({ name }) => name),
        ["GET /api/bots", "BotsRepo.mine", "sql.execute"]
      )
      const statement = failed.find(({ name }) => name === "sql.execute")
      assert.strictEqual(statement?.status.message, "ER_NO_SUCH_TABLE")
      assert.notMatch(textOf(collector), /doesn't exist|\.[tj]s:\d/)
    })
  )

  it.scopedLive("go as protobuf too", () =>
    Effect.gen(function* () {
      const collector = yield* collectorAfter(
        Effect.gen(function* () {
          assert.strictEqual((yield* getAs(OWNER, "/api/bots")).status, 200)
        }),
        "http/protobuf"
      )
      assert.sameMembers([...new Set(collector.received.map(({ path }) => path))], ["/v1/traces", "/v1/metrics"])
      for (const { headers } of collector.received) {
        assert.strictEqual(headers["content-type"], "application/x-protobuf")
      }
      assert.include(textOf(collector), "GET /api/bots")
      assert.include(textOf(collector), "http_requests_total")
    })
  )
})

describe("metrics", () => {
  it.scopedLive("are those of /metrics", () =>
    Effect.gen(function* () {
      const collector = yield* collectorAfter(
        Effect.gen(function* () {
          for (let i = 0; i < 3; i++) yield* getAs(OWNER, "/api/bots")
        })
      )
      const metrics = metricsOf(collector)
      const labelled = (points: ReadonlyArray<{ readonly attributes: [] }>, key: string, value: string) =>
        points.find(({ attributes }) => valuesOf(attributes)[key] === value) as Record<string, unknown> | undefined
      const { aggregationTemporality, dataPoints, isMonotonic } = metrics.http_requests_total.sum
      assert.deepEqual([aggregationTemporality, isMonotonic], [2, true])
      assert.strictEqual(labelled(dataPoints, "route", "/api/bots")?.asDouble, 3)
      const durations = labelled(metrics.http_request_duration_seconds.histogram.dataPoints, "route", "/api/bots")
      const buckets = durations?.bucketCounts as ReadonlyArray<string>
      const bounds = durations?.explicitBounds as ReadonlyArray<number>
      assert.strictEqual(durations?.count, "3")
      assert.strictEqual(
        buckets.map(Number).reduce((a, b) => a + b),
        3
      )
      assert.lengthOf(buckets, bounds.length + 1)
      assert.strictEqual(labelled(metrics.database_pool_connections.gauge.dataPoints, "state", "size")?.asDouble, 2)
      assert.property(metrics, "database_statement_duration_seconds")
      assert.property(metrics, "nodejs_eventloop_lag_p99_seconds")
      // As a value; the text of a statement may have the word.
      assert.notMatch(textOf(collector), /[:,[]null\b/)
    })
  )
})

describe("a collector that is away", () => {
  it.scopedLive("is told in the log, and harms no request", () =>
    Effect.gen(function* () {
      const { endpoint } = yield* Effect.scoped(collectorAfter(Effect.void))
      const log = capturedLog()
      const sending = testService({
        settings: { logLevel: LogLevel.All },
        under: Layer.provideMerge(sendingTo(endpoint), log.layer)
      })
      const startedAt = yield* Effect.gen(function* () {
        assert.strictEqual((yield* getAs(OWNER, "/api/bots")).status, 200)
        yield* eventually(
          Effect.sync(() => log.lines.some(({ level, message }) => level === "WARN" && /collector/.test(message))),
          "5 seconds"
        )
        return performance.now()
      }).pipe(Effect.provide(sending))
      assert.isBelow(performance.now() - startedAt, 4000)
      assert.notInclude(log.text(), API_KEY)
    })
  )
})
