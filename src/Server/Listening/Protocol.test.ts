import { assert, describe, layer } from "@effect/vitest"
import { openRaw, type RawAnswer, rawRequest, sendRaw } from "../../testing/RawHttp.js"
import { initDataOf, testService } from "../../testing/Service.js"
import { steps } from "../../testing/Steps.js"

const assertRefused = (answer: RawAnswer, status: number, tag: string, context: string) => {
  assert.strictEqual(answer.status, status, `${context} ${answer.text}`)
  assert.strictEqual(answer.json?._tag, tag, context)
  assert.isNotEmpty(answer.json?.message, context)
  assert.strictEqual(answer.headers["content-type"], "application/json", context)
  assert.match(answer.headers["x-request-id"] ?? "", /^[0-9a-f-]{36}$/, context)
  assert.strictEqual(answer.headers.vary, "Origin", context)
}

const GET = "GET /healthz HTTP/1.1\r\nHost: x\r\n"

layer(testService(), { excludeTestServices: true })((it) => {
  describe("what is no proper HTTP", () => {
    it.effect("is a 400 in JSON", () =>
      steps(async (service) => {
        const cases: ReadonlyArray<readonly [string, string | Uint8Array]> = [
          ["garbage", "\x00\x01\x02\x03 hello\r\n\r\n"],
          ["words", "hello there\r\n\r\n"],
          ["a TLS hello", new Uint8Array([0x16, 0x03, 0x01, 0x00, 0x05, 0x01, 0x00, 0x00, 0x01, 0x03])],
          ["HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
          ["a wrong version", "GET / HTTP/9.9\r\nHost: x\r\n\r\n"],
          ["a method nobody knows", "FOO / HTTP/1.1\r\nHost: x\r\n\r\n"],
          ["no Host", "GET /healthz HTTP/1.1\r\n\r\n"],
          ["a space before the colon", `${GET}X-A : 1\r\n\r\n`],
          ["a control character in a header", `${GET}X-A: a\x01b\r\n\r\n`],
          ["a NUL in a header", `${GET}X-A: a\0b\r\n\r\n`],
          ["no header name", `${GET}: x\r\n\r\n`],
          ["a bare LF", "GET /healthz HTTP/1.1\nHost: x\n\n"],
          ["CL and TE", `${GET}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
          ["two lengths", `${GET}Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef`],
          ["a negative length", `${GET}Content-Length: -5\r\n\r\n`],
          ["chunked not last", `${GET}Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n`],
          [
            "a chunk size that is none",
            `POST /api/auth/telegram HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`
          ],
          ["a space in the target", "GET /health z HTTP/1.1\r\nHost: x\r\n\r\n"]
        ]
        for (const [name, bytes] of cases) assertRefused(await sendRaw(service.url, bytes), 400, "InvalidRequest", name)
      })
    )

    it.effect("is a 431 in JSON where the head is over 16 KiB", () =>
      steps(async (service) => {
        for (const [name, bytes] of [
          ["a header", `${GET}X-A: ${"a".repeat(20_000)}\r\n\r\n`],
          ["many headers", `${GET}${"X-A: aaaaaaaaaa\r\n".repeat(2_000)}\r\n`],
          ["the path", `GET /${"a".repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`],
          ["the query, far over", `GET /healthz?${"a".repeat(2_000_000)} HTTP/1.1\r\nHost: x\r\n\r\n`]
        ] as const) {
          assertRefused(await sendRaw(service.url, bytes), 431, "HeadersTooLarge", name)
        }
        const within = await sendRaw(service.url, `${GET}X-A: ${"a".repeat(15_000)}\r\n\r\n`)
        assert.strictEqual(within.status, 200)
      })
    )

    it.effect("does not answer a request before it in its place", () =>
      steps(async (service) => {
        const connection = openRaw(service.url)
        connection.write(`${rawRequest("GET", "/openapi.json")}NO HTTP AT ALL\r\n\r\n`)
        assert.strictEqual((await connection.answer()).status, 200)
        assert.strictEqual((await connection.answer()).status, 400)
        await connection.ended
      })
    )

    it.effect("takes no tunnel", () =>
      steps(async (service) => {
        const answer = await sendRaw(service.url, "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n")
        assertRefused(answer, 405, "MethodNotAllowed", "CONNECT")
        assert.include(answer.headers.allow, "GET")
      })
    )
  })

  describe("what HTTP allows", () => {
    it.effect("is answered as a plain request where it asks for another protocol", () =>
      steps(async (service) => {
        const upgrades: ReadonlyArray<Record<string, string>> = [
          {
            Connection: "Upgrade",
            Upgrade: "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="
          },
          { Connection: "Upgrade, HTTP2-Settings", Upgrade: "h2c", "HTTP2-Settings": "AAMAAABkAAQAAP__" }
        ]
        for (const headers of upgrades) {
          assert.strictEqual((await sendRaw(service.url, rawRequest("GET", "/healthz", headers))).status, 200)
          assert.strictEqual((await sendRaw(service.url, rawRequest("GET", "/nope", headers))).status, 404)
          assert.strictEqual((await sendRaw(service.url, rawRequest("GET", "/api/bots", headers))).status, 401)
          const post = rawRequest(
            "POST",
            "/api/auth/telegram",
            { ...headers, "Content-Type": "application/json" },
            "{}"
          )
          assert.strictEqual((await sendRaw(service.url, post)).status, 400)
        }
      })
    )

    it.effect("is answered: pipelines, Expect, HTTP/1.0, a half-closed connection", () =>
      steps(async (service) => {
        const connection = openRaw(service.url)
        connection.write(rawRequest("GET", "/healthz") + rawRequest("GET", "/nope") + rawRequest("HEAD", "/healthz"))
        assert.strictEqual((await connection.answer()).status, 200)
        assert.strictEqual((await connection.answer()).status, 404)
        assert.strictEqual((await connection.answer(true)).status, 200)
        connection.socket.destroy()

        const json = { "Content-Type": "application/json" }
        const expecting = rawRequest("POST", "/api/auth/telegram", { ...json, Expect: "100-continue" }, "{}")
        assert.strictEqual((await sendRaw(service.url, expecting)).status, 400)
        const odd = rawRequest("GET", "/healthz", { Expect: "200-maybe" })
        assert.strictEqual((await sendRaw(service.url, odd)).status, 200)

        assert.strictEqual((await sendRaw(service.url, "GET /healthz HTTP/1.0\r\n\r\n")).status, 200)

        const half = openRaw(service.url)
        half.socket.end(rawRequest("GET", "/healthz"))
        assert.strictEqual((await half.answer()).status, 200)
      })
    )

    it.effect("keeps a connection after a body that was too long", () =>
      steps(async (service) => {
        const connection = openRaw(service.url)
        connection.write(
          rawRequest("POST", "/api/auth/telegram", { "Content-Type": "application/json" }, "a".repeat(300_000))
        )
        assert.strictEqual((await connection.answer()).status, 413)
        connection.write(rawRequest("GET", "/healthz"))
        assert.strictEqual((await connection.answer()).status, 200)
        connection.socket.destroy()
      })
    )

    it.effect("is no matter what proxies' headers say", () =>
      steps(async (service) => {
        const headers = {
          "X-Forwarded-For": "garbage, ,\t, ::::, 999.1.1.1",
          "X-Forwarded-Host": "evil.example",
          "X-Forwarded-Proto": "gopher",
          Forwarded: "for=;;;by",
          "X-Original-URL": "/metrics",
          "X-Http-Method-Override": "DELETE",
          "X-Request-Id": "client's own\tid",
          "X-Telegram-Init-Data": initDataOf(1)
        }
        const answer = await sendRaw(service.url, rawRequest("GET", "/api/bots", headers))
        assert.strictEqual(answer.status, 200)
        assert.notInclude(JSON.stringify(answer.headers), "client")
        assert.deepEqual(answer.json, [])
      })
    )
  })
})
