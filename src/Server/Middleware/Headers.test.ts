import { assert, layer } from "@effect/vitest"
import { Api } from "../../Api.js"
import { MAX_ATTEMPTS, MAX_FAILED } from "../../Domain/LoginLimits.js"
import { initDataOf, testService } from "../../testing/Service.js"
import { steps } from "../../testing/Steps.js"
import { routesOf } from "../Routes.js"

const routes = routesOf(Api).all

const APP = "https://app.example.com"
const OTHER = "https://evil.example.com"

const corsOf = (headers: Headers) => [...headers.keys()].filter((name) => name.startsWith("access-control-"))

const listed = (headers: Headers, name: string) => (headers.get(name) ?? "").toLowerCase().split(", ")

const preflight = (origin: string) => ({
  method: "OPTIONS",
  headers: {
    Origin: origin,
    "Access-Control-Request-Method": "GET",
    "Access-Control-Request-Headers": "x-telegram-init-data"
  }
})

layer(testService({ settings: { allowedOrigins: [APP, "http://localhost:5173"] } }), { excludeTestServices: true })(
  "with allowed origins",
  (it) => {
    it.effect("lets them through, and errors with them", () =>
      steps(async ({ request }) => {
        for (const origin of [APP, "http://localhost:5173"]) {
          for (const path of ["/api/bots", "/nope", "/healthz", "/api/users?bot_id=x"]) {
            const { headers } = await request(path, { headers: { Origin: origin } })
            assert.strictEqual(headers.get("access-control-allow-origin"), origin)
            assert.sameMembers(listed(headers, "access-control-expose-headers"), [
              "x-request-id",
              "etag",
              "retry-after",
              "www-authenticate",
              "ratelimit-limit",
              "ratelimit-remaining",
              "ratelimit-reset",
              "ratelimit-policy"
            ])
            assert.isNull(headers.get("access-control-allow-credentials"))
            assert.strictEqual(headers.get("vary"), "Origin")
          }
        }
        const tooLong = await request("/api/auth/telegram", {
          method: "POST",
          body: "a".repeat(70_000),
          headers: { Origin: APP }
        })
        assert.strictEqual(tooLong.status, 413)
        assert.strictEqual(tooLong.headers.get("access-control-allow-origin"), APP)
      })
    )

    it.effect("says nothing to any other", () =>
      steps(async ({ request }) => {
        for (const origin of [
          OTHER,
          "null",
          `${APP}.evil.com`,
          `${APP}:443`,
          APP.toUpperCase(),
          "*",
          "http://app.example.com"
        ]) {
          const { headers } = await request("/api/bots", { headers: { Origin: origin } })
          assert.deepEqual(corsOf(headers), [], origin)
          assert.strictEqual(headers.get("vary"), "Origin")
        }
        const { headers } = await request("/api/bots")
        assert.deepEqual(corsOf(headers), [])
        assert.strictEqual(headers.get("vary"), "Origin")
      })
    )

    it.effect("answers preflights for them on every route", () =>
      steps(async ({ request }) => {
        for (const { template } of routes) {
          const allowed = await request(template.replace("{bot_id}", "1"), preflight(APP))
          assert.strictEqual(allowed.status, 204, template)
          assert.strictEqual(allowed.headers.get("access-control-allow-origin"), APP)
          assert.sameMembers(listed(allowed.headers, "access-control-allow-headers"), [
            "authorization",
            "content-type",
            "x-telegram-init-data",
            "x-request-id",
            "traceparent",
            "cache-control",
            "if-none-match",
            "x-requested-with"
          ])
          assert.sameMembers(listed(allowed.headers, "access-control-allow-methods"), ["get", "head", "post", "patch"])
          assert.strictEqual(allowed.headers.get("access-control-max-age"), "7200")
          const denied = await request(template.replace("{bot_id}", "1"), preflight(OTHER))
          assert.strictEqual(denied.status, 204, template)
          assert.deepEqual(corsOf(denied.headers), [], template)
          assert.strictEqual(denied.headers.get("vary"), "Origin")
        }
        assert.strictEqual((await request("/nope", preflight(APP))).status, 404)
        const bare = await request("/api/bots", { method: "OPTIONS" })
        assert.strictEqual(bare.status, 405)
      })
    )

    it.effect("are safe on every answer, and say what may be kept", () =>
      steps(async ({ request }) => {
        for (const { template } of routes) {
          const path = template.replace("{bot_id}", "1")
          const kept = path === "/docs" || path === "/openapi.json"
          const { headers, status } = await request(path, {
            headers: { "X-Telegram-Init-Data": initDataOf(1) },
            redirect: "manual"
          })
          assert.strictEqual(headers.get("cache-control"), kept && status === 200 ? "no-cache" : "no-store", path)
          assert.strictEqual(headers.get("x-content-type-options"), "nosniff")
          assert.strictEqual(headers.get("referrer-policy"), "no-referrer")
          assert.include(headers.get("content-security-policy"), "frame-ancestors 'none'")
          assert.isNull(headers.get("x-powered-by"))
          assert.isNull(headers.get("server"))
        }
        const ids = await Promise.all(Array.from({ length: 20 }, () => request("/healthz")))
        assert.strictEqual(new Set(ids.map(({ headers }) => headers.get("x-request-id"))).size, 20)
      })
    )
  }
)

layer(testService({ settings: { allowedOrigins: [] } }), { excludeTestServices: true })(
  "without allowed origins",
  (it) => {
    it.effect("opens to nobody", () =>
      steps(async ({ request }) => {
        for (const init of [{ headers: { Origin: APP } }, { headers: { Origin: "*" } }, preflight(APP)]) {
          const { headers } = await request("/api/bots", init)
          assert.deepEqual(corsOf(headers), [])
          assert.strictEqual(headers.get("vary"), "Origin")
        }
      })
    )
  }
)

layer(testService({ settings: { allowedOrigins: [APP] } }), { excludeTestServices: true })(
  "too many attempts to log in",
  (it) => {
    it.effect("learn when to come back, and before that how many are left", () =>
      steps(async ({ request }) => {
        const login = () =>
          request("/api/auth/telegram", {
            method: "POST",
            body: JSON.stringify({ init_data: "x" }),
            headers: { "Content-Type": "application/json", Origin: APP }
          })
        for (let left = MAX_FAILED - 1; left >= 0; left--) {
          const { headers, status } = await login()
          assert.strictEqual(status, 400)
          assert.strictEqual(headers.get("ratelimit-limit"), String(MAX_FAILED))
          assert.strictEqual(headers.get("ratelimit-remaining"), String(left))
          assert.match(headers.get("ratelimit-reset") ?? "", /^([1-9]|[1-5]\d|60)$/)
          assert.match(headers.get("ratelimit-policy") ?? "", new RegExp(`^${MAX_FAILED};w=60;`))
          assert.isNull(headers.get("retry-after"))
        }
        const { headers, json, status } = await login()
        assert.strictEqual(status, 429)
        const seconds = String(json.retry_after)
        assert.strictEqual(headers.get("retry-after"), seconds)
        // It is told a moment later.
        assert.include([json.retry_after, json.retry_after - 1], Number(headers.get("ratelimit-reset")))
        assert.strictEqual(headers.get("ratelimit-remaining"), "0")
        assert.strictEqual(headers.get("ratelimit-limit"), String(MAX_FAILED))
        assert.match(headers.get("ratelimit-policy") ?? "", new RegExp(`^${MAX_FAILED};w=60;.*, ${MAX_ATTEMPTS};w=60;`))
        assert.include(headers.get("access-control-expose-headers"), "RateLimit-Reset")
      })
    )
  }
)
