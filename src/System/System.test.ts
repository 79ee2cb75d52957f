import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import manifest from "../../package.json" with { type: "json" }
import { clientWith, exact, getAs, getWith, request } from "../testing/Client.js"
import { untilFacts } from "../testing/Facts.js"
import { initDataOf, testService } from "../testing/Service.js"

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

const samples = Effect.map(request("/metrics"), ({ text }) => parse(text))

layer(testService(), { excludeTestServices: true })("the system routes", (it) => {
  describe("the probes", () => {
    it.effect("tell that the service lives and is ready", () =>
      Effect.gen(function* () {
        const { system } = yield* clientWith({})
        assert.deepEqual(yield* exact(system.getHealth({ withResponse: true })), { status: "ok" })
        assert.strictEqual((yield* system.getReadiness({})).status, "ready")
        yield* untilFacts()
        assert.deepEqual(yield* exact(system.getReadiness({ withResponse: true })), {
          status: "ready",
          figures: "facts",
          reasons: [],
          remedy: null
        })
      })
    )
  })

  describe("/metrics", () => {
    const count = (method: string, route: string, status: string) =>
      Effect.map(
        samples,
        (list) =>
          list.find(
            ({ labels, name }) =>
              name === "http_requests_total" &&
              labels.method === method &&
              labels.route === route &&
              labels.status === status
          )?.value ?? 0
      )

    it.effect("is Prometheus' text", () =>
      Effect.gen(function* () {
        const { headers, text } = yield* request("/metrics")
        assert.match(headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/)
        const names = new Set(parse(text).map(({ name }) => name))
        for (const name of [
          "process_cpu_seconds_total",
          "process_resident_memory_bytes",
          "nodejs_eventloop_lag_seconds"
        ]) {
          assert.isTrue(names.has(name), name)
        }
        yield* untilFacts()
        const states = (yield* samples).filter(({ name }) => name === "figures_state")
        assert.deepStrictEqual(
          states.map(({ labels, value }) => [labels.state, value]),
          [
            ["facts", 1],
            ["building", 0],
            ["rows", 0]
          ]
        )
        const builds = parse(text).filter(({ name }) => name === "bot_analytics_build_info")
        assert.deepStrictEqual(
          builds.map(({ labels: { revision, version }, value }) => ({ version, revision, value })),
          [{ version: manifest.version, revision: process.env.REVISION ?? "none", value: 1 }]
        )
        const pool = parse(text).filter(({ name }) => name === "database_pool_connections")
        assert.sameMembers(
          pool.map(({ labels }) => labels.state ?? ""),
          ["size", "in_use", "waiting"]
        )
      })
    )

    it.effect("counts requests by method, route and status, and their time", () =>
      Effect.gen(function* () {
        const summary = "/api/bots/{bot_id}/summary"
        const before = yield* count("GET", summary, "403")
        for (const bot of [11, 12, 13]) yield* getAs(1, `/api/bots/${bot}/summary`)
        assert.strictEqual((yield* count("GET", summary, "403")) - before, 3)
        const histogram = (yield* samples).filter(
          ({ labels, name }) => name.startsWith("http_request_duration_seconds") && labels.route === summary
        )
        const total = histogram.find(({ name }) => name.endsWith("_count"))?.value
        assert.strictEqual(histogram.find(({ labels }) => labels.le === "+Inf")?.value, total)
      })
    )

    it.effect("never names a path or a method that came, so that nobody can blow it up", () =>
      Effect.gen(function* () {
        const labelSets = Effect.map(
          samples,
          (list) => list.filter(({ name }) => name === "http_requests_total").length
        )
        yield* request("/unknown/first")
        const before = yield* labelSets
        for (let i = 0; i < 50; i++) yield* request(`/unknown/${i}/"quoted"\\n?x=${i}`)
        assert.strictEqual(yield* labelSets, before)
        assert.isAtLeast(yield* count("GET", "(no route)", "404"), 51)
        assert.notInclude((yield* request("/metrics")).text, "unknown")
      })
    )
  })

  describe("the documentation", () => {
    it.effect("is a page that needs nobody else's server", () =>
      Effect.gen(function* () {
        const { headers, status, text } = yield* request("/docs")
        assert.strictEqual(status, 200)
        assert.match(headers.get("content-type") ?? "", /^text\/html/)
        assert.include(text, "SwaggerUIBundle")
        assert.notMatch(text, /<(script|link|img|iframe)[^>]*\s(src|href)\s*=\s*["']?(https?:)?\/\//i)
        assert.notMatch(text, /@import\s+(url\()?["']?https?:/i)
        assert.include(headers.get("content-security-policy"), "default-src 'none'")
        // What is ours stands after the page's own script and style, and before the script's turn, which comes with `load`.
        const ours = text.slice(text.indexOf("window.onload"))
        for (const part of ["prefers-color-scheme: dark", "deepLinking: true", "sessionStorage", "</script></body>"]) {
          assert.include(ours, part)
        }
      })
    )

    it.effect("is the derived document", () =>
      Effect.gen(function* () {
        const { headers, json } = yield* request("/openapi.json")
        assert.strictEqual(headers.get("content-type"), "application/json")
        assert.strictEqual(json.openapi, "3.1.0")
        for (const path of ["/api/auth/telegram", "/api/bots/{bot_id}/summary", "/healthz", "/readyz", "/metrics"]) {
          assert.property(json.paths, path)
        }
      })
    )

    it.effect("needs no credentials, and minds none", () =>
      Effect.gen(function* () {
        for (const path of ["/docs", "/openapi.json", "/healthz", "/readyz", "/metrics"]) {
          for (const headers of [{ Authorization: "Bearer x" }, { "X-Telegram-Init-Data": initDataOf(1) }]) {
            assert.strictEqual((yield* getWith(headers, path)).status, 200, path)
          }
        }
      })
    )
  })
})
