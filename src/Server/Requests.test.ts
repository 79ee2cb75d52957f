import { assert, describe, layer } from "@effect/vitest"
import { Api } from "../Api.js"
import { assertError } from "../testing/Assertions.js"
import { rawRequest, sendRaw } from "../testing/RawHttp.js"
import { initDataOf, testService } from "../testing/Service.js"
import { steps, withBotOf } from "../testing/Steps.js"
import { routesOf } from "./Routes.js"

const routes = routesOf(Api).all

const OWNER = 777000123
const ServiceLive = testService({ settings: { trustedProxies: ["127.0.0.1"] } }).pipe(withBotOf(OWNER))

layer(ServiceLive, { excludeTestServices: true })((it) => {
  describe("routes", () => {
    const concrete = (template: string) => template.replace("{bot_id}", "1")

    it.effect("answers 404 in JSON where there is no route, however near the path is to one", () =>
      steps(async (service) => {
        const paths = [
          "/nope",
          "/api",
          "/api/",
          "/api/nope",
          "/api/bots/",
          "//api/bots",
          "/api//bots",
          "/API/BOTS",
          "/Healthz",
          "/healthz/",
          "/api/bots/1",
          "/api/bots/1/summary/",
          "/api/bots//summary",
          "/api/bots/1/2/summary",
          "/docs//",
          "/openapi.json/",
          "/%61pi/bots",
          "/api%2Fbots",
          "/%zz",
          "/api/bots;x",
          "/.env",
          "/api/bots/1/../../bots"
        ]
        for (const path of paths) {
          const answer = await sendRaw(service.url, rawRequest("GET", path))
          assert.strictEqual(answer.status, 404, path)
          assert.strictEqual(answer.json?._tag, "NotFound", path)
          assert.strictEqual(answer.headers["content-type"], "application/json", path)
        }
        assertError(await service.request("/nope"), 404, "NotFound")
        assertError(await service.request("/nope", { method: "POST", body: "x" }), 404, "NotFound")
      })
    )

    it.effect("leads who opens the service by its address alone to its documentation", () =>
      steps(async (service) => {
        for (const method of ["GET", "HEAD"]) {
          const answer = await service.request("/", { method, redirect: "manual" })
          assert.strictEqual(answer.status, 302)
          assert.strictEqual(answer.headers.get("location"), "/docs")
        }
        const [page, alias, led] = await Promise.all(["/docs", "/docs/", "/"].map((path) => service.request(path)))
        for (const answer of [alias, led]) {
          assert.strictEqual(answer?.status, 200)
          assert.strictEqual(answer?.text, page?.text)
          for (const name of ["content-security-policy", "content-type", "etag", "cache-control"]) {
            assert.strictEqual(answer?.headers.get(name), page?.headers.get(name), name)
          }
        }
      })
    )

    it.effect("answers 405 with Allow to every other method on every route", () =>
      steps(async (service) => {
        for (const { methods, template } of routes) {
          for (const method of ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
            if (methods.has(method)) continue
            const answer = await service.request(concrete(template), { method })
            const context = `${method} ${template}`
            if (method === "HEAD") {
              assert.strictEqual(answer.status, 405, context)
            } else {
              assertError(answer, 405, "MethodNotAllowed", context)
              assert.include(answer.json.message, method)
            }
            assert.strictEqual(answer.headers.get("allow"), [...methods].join(", "), context)
          }
        }
        for (const method of ["TRACE", "PROPFIND", "M-SEARCH"]) {
          const answer = await sendRaw(service.url, rawRequest(method, "/api/bots"))
          assert.strictEqual(answer.status, 405, method)
        }
      })
    )

    it.effect("takes a target in absolute form", () =>
      steps(async (service) => {
        const answer = await sendRaw(service.url, rawRequest("GET", `${service.url}/healthz`))
        assert.strictEqual(answer.status, 200)
        assert.strictEqual((await sendRaw(service.url, rawRequest("GET", "http://elsewhere"))).status, 302)
        assert.strictEqual((await sendRaw(service.url, rawRequest("GET", "http://elsewhere?x"))).status, 302)
        assert.strictEqual((await sendRaw(service.url, rawRequest("GET", "http://elsewhere/nope"))).status, 404)
        assert.strictEqual((await sendRaw(service.url, rawRequest("OPTIONS", "*"))).status, 404)
      })
    )

    it.effect("answers HEAD as GET without a body", () =>
      steps(async (service) => {
        const headers = { "X-Telegram-Init-Data": initDataOf(OWNER) }
        for (const { methods, template } of routes) {
          if (!methods.has("GET") || template === "/metrics") continue
          for (const path of [
            concrete(template),
            `${concrete(template)}?bot_id=1&start_date=2026-01-01&end_date=2026-01-02`
          ]) {
            const get = await service.request(path, { headers, redirect: "manual" })
            const head = await service.request(path, { method: "HEAD", headers, redirect: "manual" })
            assert.strictEqual(head.status, get.status, path)
            assert.strictEqual(head.text, "", path)
            for (const name of ["content-length", "content-type", "content-encoding", "vary", "etag", "location"]) {
              assert.strictEqual(head.headers.get(name), get.headers.get(name), `${name} of ${path}`)
            }
            if (get.headers.get("content-encoding") === null) {
              assert.strictEqual(get.headers.get("content-length") ?? "0", String(Buffer.byteLength(get.text)), path)
            }
          }
        }
      })
    )
  })
})
