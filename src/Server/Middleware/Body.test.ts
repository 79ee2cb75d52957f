import { assert, describe, layer } from "@effect/vitest"
import { assertError, issuesOf } from "../../testing/Assertions.js"
import { rawRequest, sendRaw } from "../../testing/RawHttp.js"
import { initDataOf, type TestService, testService } from "../../testing/Service.js"
import { steps, withBotOf } from "../../testing/Steps.js"

const OWNER = 777000123
const ServiceLive = testService({ settings: { trustedProxies: ["127.0.0.1"] } }).pipe(withBotOf(OWNER))

/** A login from an address of its own, so that no test meets the limit on attempts. */
let logins = 0
const login = (
  service: typeof TestService.Service,
  body: RequestInit["body"],
  headers: Record<string, string> = { "Content-Type": "application/json" }
) =>
  service.request("/api/auth/telegram", {
    method: "POST",
    body: body ?? null,
    headers: { ...headers, "X-Forwarded-For": `10.0.${logins++ % 250}.1` }
  })

layer(ServiceLive, { excludeTestServices: true })((it) => {
  describe("bodies", () => {
    it.effect("refuses what is no JSON by its type with 415", () =>
      steps(async (service) => {
        const types: ReadonlyArray<Record<string, string>> = [
          {},
          { "Content-Type": "text/plain" },
          { "Content-Type": "text/json" },
          { "Content-Type": "application/x-www-form-urlencoded" },
          { "Content-Type": "multipart/form-data; boundary=x" },
          { "Content-Type": "application/jsonp" },
          { "Content-Type": "application/octet-stream" },
          { "Content-Type": "application/json; charset=utf-16" },
          { "Content-Type": "application/json", "Content-Encoding": "gzip" }
        ]
        for (const headers of types) {
          assertError(
            await login(service, Buffer.from('{"init_data":"x"}'), headers),
            415,
            "UnsupportedMediaType",
            JSON.stringify(headers)
          )
        }
        assertError(await login(service, new URLSearchParams({ init_data: "x" }), {}), 415, "UnsupportedMediaType")
        const form = new FormData()
        form.set("init_data", "x")
        assertError(await login(service, form, {}), 415, "UnsupportedMediaType")
        assertError(await login(service, null, {}), 415, "UnsupportedMediaType", "no body, no type")
      })
    )

    it.effect("takes JSON however its type is written", () =>
      steps(async (service) => {
        for (const type of [
          "application/json; charset=utf-8",
          "Application/JSON;charset=UTF8",
          "application/json ;x=y"
        ]) {
          assertError(await login(service, '{"init_data":"x"}', { "Content-Type": type }), 400, "InvalidRequest", type)
        }
      })
    )

    it.effect("answers 400 to what is no JSON, says so, and names the field that is wrong", () =>
      steps(async (service) => {
        const cases: ReadonlyArray<readonly [string | Uint8Array, string]> = [
          ["", "body"],
          ["   ", "body"],
          ["{", "body"],
          ["{'init_data': 'x'}", "body"],
          ['{"init_data":"x"}x', "body"],
          ["NaN", "body"],
          ["undefined", "body"],
          ['{"init_data": "a\nb"}', "body"],
          [new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]), "body"],
          ["null", "body"],
          ["[]", "body"],
          ["1", "body"],
          ['"x"', "body"],
          ["true", "body"],
          ["{}", "init_data"],
          ['{"init_data":null}', "init_data"],
          ['{"init_data":1}', "init_data"],
          ['{"init_data":["x"]}', "init_data"],
          ['{"__proto__":{"init_data":"x"}}', "init_data"],
          ['{"init_data":""}', "init_data"],
          ["[".repeat(50_000), "body"],
          [`${"[".repeat(32_000)}${"]".repeat(32_000)}`, "body"],
          [`{"init_data":${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}}`, "init_data"]
        ]
        for (const [body, path] of cases) {
          const answer = await login(service, body)
          const context = String(body).slice(0, 40)
          assertError(answer, 400, "InvalidRequest", context)
          assert.deepEqual(issuesOf(answer), [path], context)
          assert.isBelow(answer.text.length, 500, context)
          assert.notMatch(answer.text, /actual|Expected|readonly/, context)
        }
      })
    )

    const padded = (size: number) => {
      const head = '{"init_data":"x","padding":"'
      return `${head}${"a".repeat(size - head.length - 2)}"}`
    }

    it.effect("takes a body of 64 KiB and refuses one byte more with 413, with its length told or not", () =>
      steps(async (service) => {
        assertError(await login(service, padded(65_536)), 400, "InvalidRequest", "65536 bytes")
        assertError(await login(service, padded(65_537)), 413, "PayloadTooLarge", "65537 bytes")
        assertError(await login(service, "a".repeat(5_000_000)), 413, "PayloadTooLarge", "5 MB")
        const chunked = (size: number) => new Blob([padded(size)]).stream()
        for (const [size, status] of [
          [65_536, 400],
          [65_537, 413],
          [3_000_000, 413]
        ] as const) {
          const answer = await fetch(`${service.url}/api/auth/telegram`, {
            method: "POST",
            body: chunked(size),
            headers: { "Content-Type": "application/json", "X-Forwarded-For": "10.1.1.1" },
            duplex: "half"
          } as RequestInit)
          assert.strictEqual(answer.status, status, `chunked ${size}`)
          assert.strictEqual(
            ((await answer.json()) as { _tag: string })._tag,
            status === 413 ? "PayloadTooLarge" : "InvalidRequest"
          )
        }
      })
    )

    it.effect("does not wait for the rest of a body that is too long", () =>
      steps(async (service) => {
        const head = rawRequest("POST", "/api/auth/telegram", {
          "Content-Type": "application/json",
          "Content-Length": "10000000"
        })
        assert.strictEqual((await sendRaw(service.url, head)).status, 413)
      })
    )

    it.effect("answers GET with a JSON content type and no body, and ignores a JSON body", () =>
      steps(async (service) => {
        const headers = { "X-Telegram-Init-Data": initDataOf(OWNER), "Content-Type": "application/json" }
        assert.strictEqual((await service.request("/api/bots", { headers })).status, 200)
        const withBody = await sendRaw(service.url, rawRequest("GET", "/api/bots", headers, '{"bot_id":2}'))
        assert.strictEqual(withBody.status, 200)
        const text = await sendRaw(
          service.url,
          rawRequest("GET", "/api/bots", { ...headers, "Content-Type": "text/plain" }, "bot_id=2")
        )
        assert.strictEqual(text.status, 415)
        const chunk = `${(60_000).toString(16)}\r\n${"a".repeat(60_000)}\r\n`
        const long = await sendRaw(
          service.url,
          rawRequest("GET", "/api/bots", { ...headers, "Transfer-Encoding": "chunked" }, `${chunk}${chunk}0\r\n\r\n`)
        )
        assert.strictEqual(long.status, 413)
      })
    )
  })
})
