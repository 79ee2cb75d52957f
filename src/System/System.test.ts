import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { untilFacts } from "../testing/Facts.js"
import { initDataOf, TestService, testService } from "../testing/Service.js"

const runtime = ManagedRuntime.make(testService())
let service: typeof TestService.Service
beforeAll(async () => {
  service = await runtime.runPromise(TestService)
})
afterAll(() => runtime.dispose())

interface Sample {
  readonly name: string
  readonly labels: Record<string, string>
  readonly value: number
}

/** Prometheus' text format, strictly: comments, and `name{label="value",...} number`. */
const parse = (text: string): ReadonlyArray<Sample> =>
  text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const match = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/.exec(line)
      assert.isNotNull(match, line)
      const labels = [...(match?.[2] ?? "").matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)]
      const value = Number(match?.[3])
      assert.isTrue(!Number.isNaN(value) || /^nan$/i.test(match?.[3] ?? ""), line)
      return { name: match?.[1] ?? "", labels: Object.fromEntries(labels.map(([, key, item]) => [key, item])), value }
    })

const samples = async () => parse((await service.request("/metrics")).text)

describe("the probes", () => {
  it("tell that the service lives and is ready", async () => {
    assert.deepEqual((await service.request("/healthz")).json, { status: "ok" })
    assert.strictEqual((await service.request("/readyz")).json.status, "ready")
    await untilFacts(service.request)
    assert.deepEqual((await service.request("/readyz")).json, { status: "ready", figures: "facts" })
  })
})

describe("/metrics", () => {
  const count = async (method: string, route: string, status: string) =>
    (await samples()).find(
      ({ labels, name }) =>
        name === "http_requests_total" && labels.method === method && labels.route === route && labels.status === status
    )?.value ?? 0

  it("is Prometheus' text", async () => {
    const answer = await service.request("/metrics")
    assert.match(answer.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/)
    const names = new Set(parse(answer.text).map(({ name }) => name))
    for (const name of ["process_cpu_seconds_total", "process_resident_memory_bytes", "nodejs_eventloop_lag_seconds"]) {
      assert.isTrue(names.has(name), name)
    }
    const pool = parse(answer.text).filter(({ name }) => name === "database_pool_connections")
    assert.sameMembers(
      pool.map(({ labels }) => labels.state ?? ""),
      ["size", "in_use", "waiting"]
    )
  })

  it("counts requests by method, route and status, and their time", async () => {
    const summary = "/api/bots/{bot_id}/summary"
    const before = await count("GET", summary, "403")
    for (const bot of [11, 12, 13]) await service.get(`/api/bots/${bot}/summary`, 1)
    assert.strictEqual((await count("GET", summary, "403")) - before, 3)
    const histogram = (await samples()).filter(
      ({ labels, name }) => name.startsWith("http_request_duration_seconds") && labels.route === summary
    )
    const total = histogram.find(({ name }) => name.endsWith("_count"))?.value
    assert.strictEqual(histogram.find(({ labels }) => labels.le === "+Inf")?.value, total)
  })

  it("never names a path or a method that came, so that nobody can blow it up", async () => {
    const labelSets = async () => (await samples()).filter(({ name }) => name === "http_requests_total").length
    await service.request("/unknown/first")
    const before = await labelSets()
    for (let i = 0; i < 50; i++) await service.request(`/unknown/${i}/"quoted"\\n?x=${i}`)
    assert.strictEqual(await labelSets(), before)
    assert.isAtLeast(await count("GET", "(no route)", "404"), 51)
    assert.notInclude((await service.request("/metrics")).text, "unknown")
  })
})

describe("the documentation", () => {
  it("is a page that needs nobody else's server", async () => {
    const { headers, status, text } = await service.request("/docs")
    assert.strictEqual(status, 200)
    assert.match(headers.get("content-type") ?? "", /^text\/html/)
    assert.include(text, "SwaggerUIBundle")
    assert.notMatch(text, /<(script|link|img|iframe)[^>]*\s(src|href)\s*=\s*["']?(https?:)?\/\//i)
    assert.notMatch(text, /@import\s+(url\()?["']?https?:/i)
    assert.include(headers.get("content-security-policy"), "default-src 'none'")
  })

  it("is the derived document", async () => {
    const { headers, json } = await service.request("/openapi.json")
    assert.strictEqual(headers.get("content-type"), "application/json")
    assert.strictEqual(json.openapi, "3.1.0")
    for (const path of ["/api/auth/telegram", "/api/bots/{bot_id}/summary", "/healthz", "/readyz", "/metrics"]) {
      assert.property(json.paths, path)
    }
  })

  it("needs no credentials, and minds none", async () => {
    for (const path of ["/docs", "/openapi.json", "/healthz", "/readyz", "/metrics"]) {
      for (const headers of [{ Authorization: "Bearer x" }, { "X-Telegram-Init-Data": initDataOf(1) }]) {
        assert.strictEqual((await service.request(path, { headers })).status, 200, path)
      }
    }
  })
})
