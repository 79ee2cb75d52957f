import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as LogLevel from "effect/LogLevel"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import { toCollector } from "../Telemetry.js"
import { capturedLog } from "../testing/CapturedLog.js"
import { metricsOf, spansOf, startCollector, type TestCollector, textOf, valuesOf } from "../testing/Collector.js"
import { until } from "../testing/Database.js"
import { logIn } from "../testing/Login.js"
import { initDataOf, TestService, testService } from "../testing/Service.js"
import type { TelemetrySettings } from "./Settings.js"

const OWNER = 777000123
const API_KEY = "a-key-for-the-collector"

/** A service that sends to a collector of its own; what is on its way at the end is there when this resolves. */
const withCollector = async (
  act: (service: typeof TestService.Service, collector: TestCollector) => Promise<void>,
  protocol: TelemetrySettings["protocol"] = "http/json"
): Promise<TestCollector> => {
  const scope = Effect.runSync(Scope.make())
  const collector = await Effect.runPromise(Scope.extend(startCollector, scope))
  const telemetry = toCollector({
    endpoint: collector.endpoint,
    headers: { "x-api-key": Redacted.make(API_KEY) },
    serviceName: "tested",
    protocol
  })
  const runtime = ManagedRuntime.make(testService({ under: telemetry, settings: { poolSize: 2 } }))
  try {
    const service = await runtime.runPromise(TestService)
    const { connection } = service.database
    await connection.query("INSERT INTO bots (uid, bot_id, admin_id) VALUES (1, 7214036581, ?)", [OWNER])
    await act(service, collector)
  } finally {
    await runtime.dispose()
    await Effect.runPromise(Scope.close(scope, Exit.void))
  }
  return collector
}

describe("traces", () => {
  it("have a span for each request, by its route, with its methods and their statements below", async () => {
    const traceId = "4bf92f3577b34da6a3ce929d0e0e4736"
    const collector = await withCollector(async (service) => {
      const headers = { "X-Telegram-Init-Data": initDataOf(OWNER) }
      await service.request("/api/bots/1/summary?currency=USD", {
        headers: { ...headers, traceparent: `00-${traceId}-00f067aa0ba902b7-01` }
      })
      await service.request("/api/bots/9/summary", { headers: { ...headers, b3: "x-y-1", traceparent: "00-x-y-01" } })
      await service.request("/nope/some/path?token=x")
      await logIn(service, initDataOf(OWNER))
      await logIn(service, "hash=1")
      await service.request("/healthz")
      await service.request("/readyz")
    })
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

  it("tell of a failure by its kind, never by its words", async () => {
    const collector = await withCollector(async (service) => {
      await service.database.connection.query("RENAME TABLE bots TO bots_with_a_secret_name")
      assert.strictEqual((await service.get("/api/bots", OWNER)).status, 500)
      await service.database.connection.query("RENAME TABLE bots_with_a_secret_name TO bots")
    })
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

  it("go as protobuf too", async () => {
    const collector = await withCollector(async (service) => {
      assert.strictEqual((await service.get("/api/bots", OWNER)).status, 200)
    }, "http/protobuf")
    assert.sameMembers([...new Set(collector.received.map(({ path }) => path))], ["/v1/traces", "/v1/metrics"])
    for (const { headers } of collector.received) {
      assert.strictEqual(headers["content-type"], "application/x-protobuf")
    }
    assert.include(textOf(collector), "GET /api/bots")
    assert.include(textOf(collector), "http_requests_total")
  })
})

describe("metrics", () => {
  it("are those of /metrics", async () => {
    const collector = await withCollector(async (service) => {
      for (let i = 0; i < 3; i++) await service.get("/api/bots", OWNER)
    })
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
    assert.notInclude(textOf(collector), "null")
  })
})

describe("a collector that is away", () => {
  it("is told in the log, and harms no request", async () => {
    const { endpoint } = await withCollector(async () => {})
    const log = capturedLog()
    const headers = { "x-api-key": Redacted.make(API_KEY) }
    const runtime = ManagedRuntime.make(
      testService({
        settings: { logLevel: LogLevel.All },
        under: Layer.provideMerge(
          toCollector({ endpoint, headers, serviceName: "tested", protocol: "http/json" }),
          log.layer
        )
      })
    )
    const service = await runtime.runPromise(TestService)
    assert.strictEqual((await service.get("/api/bots", OWNER)).status, 200)
    await until(() => log.lines.some(({ level, message }) => level === "WARN" && /collector/.test(message)), 5000)
    const startedAt = performance.now()
    await runtime.dispose()
    assert.isBelow(performance.now() - startedAt, 4000)
    assert.notInclude(log.text(), API_KEY)
  })
})
