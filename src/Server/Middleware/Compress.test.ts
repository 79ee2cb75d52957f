import { brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib"
import { assert, describe, it, layer } from "@effect/vitest"
import { payment, subscription } from "../../../tools/oracle/Example.js"
import { exampleOf, filledBotTables, OWNER } from "../../testing/Bots.js"
import { until } from "../../testing/Database.js"
import { openRaw, type RawAnswer, rawRequest, sendRaw } from "../../testing/RawHttp.js"
import { initDataOf, type TestService, testService } from "../../testing/Service.js"
import { steps } from "../../testing/Steps.js"
import { padded } from "./Compress.js"

const at = (i: number) => new Date(Date.UTC(2026, 0, 1 + (i % 28), 10)).toISOString()
const many = Array.from({ length: 200 }, (_, i) => i + 1)
const rows = exampleOf({
  payments: many.map((i) => payment(`bill-${i}`, at(i), { meta: '{"note": "Ключ на месяц 🔑"}' })),
  subscriptions: many.map((uid) => subscription(uid, at(uid), { keys: `["vless://${uid}@nl.example.org:443"]` }))
})

type Service = typeof TestService.Service

const headersWith = (accepted: string | undefined): Record<string, string> => ({
  "X-Telegram-Init-Data": initDataOf(OWNER),
  ...(accepted === undefined ? {} : { "Accept-Encoding": accepted })
})

const ask = ({ url }: Service, path: string, accepted?: string, method = "GET"): Promise<RawAnswer> =>
  sendRaw(url, rawRequest(method, path, headersWith(accepted)), method === "HEAD")

const decoded = ({ bytes, headers }: RawAnswer): string => {
  switch (headers["content-encoding"]) {
    case "gzip":
      return gunzipSync(bytes).toString()
    case "br":
      return brotliDecompressSync(bytes).toString()
    default:
      return bytes.toString()
  }
}

/** Over 1 KB, and free of credentials. */
const LARGE = [
  "/api/payments?bot_id=1&limit=200",
  "/api/analytics?bot_id=1&start_date=2026-01-01&end_date=2026-01-31",
  "/openapi.json",
  "/docs"
]
const CREDENTIALS = "/api/subscriptions?bot_id=1&limit=200"
const SMALL = ["/healthz", "/api/bots", "/api/bots/1/summary"]

layer(testService({ prepare: filledBotTables(rows) }), { excludeTestServices: true })("a response", (it) => {
  it.effect("over 1 KB comes as brotli, gzip or as it is, as the client wants it, and is the same", () =>
    steps(async (service) => {
      for (const path of LARGE) {
        const plain = await ask(service, path)
        assert.strictEqual(plain.status, 200, path)
        assert.isAbove(plain.bytes.length, 1024, path)
        assert.isUndefined(plain.headers["content-encoding"], path)
        for (const [accepted, coding] of [
          ["gzip", "gzip"],
          ["br", "br"],
          ["gzip, deflate, br", "br"],
          ["br;q=0, *", "gzip"],
          ["deflate", undefined],
          ["gzip;q=0, br;q=0", undefined]
        ] as const) {
          const answer = await ask(service, path, accepted)
          assert.strictEqual(answer.status, 200, path)
          assert.strictEqual(answer.headers["content-encoding"], coding, `${accepted}: ${path}`)
          assert.strictEqual(answer.headers.vary, "Origin, Accept-Encoding")
          assert.strictEqual(answer.headers["content-type"], plain.headers["content-type"])
          assert.strictEqual(answer.headers["content-length"], String(answer.bytes.length))
          assert.strictEqual(decoded(answer), plain.text, `${accepted}: ${path}`)
          if (coding !== undefined) assert.isBelow(answer.bytes.length, plain.bytes.length / 2, path)
        }
      }
      const metrics = await ask(service, "/metrics", "gzip")
      assert.strictEqual(metrics.headers["content-encoding"], "gzip")
      assert.include(decoded(metrics), "http_requests_total")
    })
  )

  it.effect("below that stays as it is, unless the client refuses that", () =>
    steps(async (service) => {
      for (const path of SMALL) {
        const answer = await ask(service, path, "gzip, br")
        assert.strictEqual(answer.status, 200, path)
        assert.isUndefined(answer.headers["content-encoding"], path)
        assert.strictEqual(answer.headers.vary, "Origin", path)
        assert.isDefined(answer.json, path)
      }
      const refusing = await ask(service, "/healthz", "gzip, identity;q=0")
      assert.strictEqual(refusing.headers["content-encoding"], "gzip")
      assert.strictEqual(decoded(refusing), '{"status":"ok"}')
    })
  )

  it.effect("to HEAD has the headers of the GET, and no body", () =>
    steps(async (service) => {
      for (const path of LARGE) {
        for (const accepted of [undefined, "gzip", "br"]) {
          const [get, head] = [await ask(service, path, accepted), await ask(service, path, accepted, "HEAD")]
          assert.strictEqual(head.status, 200)
          assert.strictEqual(head.bytes.length, 0)
          for (const name of ["content-encoding", "content-length", "content-type", "etag", "vary"]) {
            assert.strictEqual(head.headers[name], get.headers[name], `${name} of ${path}`)
          }
        }
      }
    })
  )

  it.effect("without a body has no coding: 204, 302, 304", () =>
    steps(async (service) => {
      const preflight = await sendRaw(
        service.url,
        rawRequest("OPTIONS", LARGE[0] ?? "", {
          ...headersWith("gzip"),
          Origin: "https://app.example.com",
          "Access-Control-Request-Method": "GET"
        })
      )
      const { headers } = await ask(service, "/docs", "gzip")
      const known = await sendRaw(
        service.url,
        rawRequest("GET", "/docs", { "Accept-Encoding": "gzip", "If-None-Match": headers.etag ?? "" })
      )
      const led = await ask(service, "/", "gzip, identity;q=0")
      assert.deepStrictEqual([preflight.status, known.status, led.status], [204, 304, 302])
      for (const answer of [preflight, known, led]) {
        assert.isUndefined(answer.headers["content-encoding"])
        assert.strictEqual(answer.bytes.length, 0)
      }
    })
  )

  it.effect("with customers' credentials in it is gzip of a length that says little, and never brotli", () =>
    steps(async (service) => {
      const plain = await ask(service, CREDENTIALS)
      const lengths = new Set<number>()
      for (let i = 0; i < 20; i++) {
        const answer = await ask(service, CREDENTIALS, "gzip, deflate, br")
        assert.strictEqual(answer.headers["content-encoding"], "gzip")
        assert.strictEqual(decoded(answer), plain.text)
        lengths.add(answer.bytes.length)
      }
      assert.isAbove(lengths.size, 1)
      const onlyBrotli = await ask(service, CREDENTIALS, "br")
      assert.isUndefined(onlyBrotli.headers["content-encoding"])
      assert.strictEqual(onlyBrotli.text, plain.text)
    })
  )

  it.effect("of a login is never compressed", () =>
    steps(async (service) => {
      const body = JSON.stringify({ init_data: initDataOf(OWNER) })
      const answer = await sendRaw(
        service.url,
        rawRequest(
          "POST",
          "/api/auth/telegram",
          { "Content-Type": "application/json", "Accept-Encoding": "gzip, br, identity;q=0" },
          body
        )
      )
      assert.strictEqual(answer.status, 200)
      assert.isUndefined(answer.headers["content-encoding"])
      assert.isString(answer.json.token)
    })
  )

  it.effect("leaves nothing behind where its client goes away in the middle", () =>
    steps(async (service) => {
      const clients = Array.from({ length: 20 }, () => openRaw(service.url))
      for (const client of clients) client.write(rawRequest("GET", LARGE[0] ?? "", headersWith("gzip")))
      for (const { socket } of clients) socket.destroy()
      const inProgress = async () =>
        /^http_requests_in_progress\{state="in_progress"\} (\d+)$/m.exec((await service.request("/metrics")).text)?.[1]
      await until(async () => (await inProgress()) === "0", 10_000)
      assert.strictEqual((await ask(service, LARGE[0] ?? "", "gzip")).headers["content-encoding"], "gzip")
    })
  )
})

describe("padding", () => {
  it("leaves the text as it was", () => {
    for (let i = 0; i < 200; i++) assert.strictEqual(gunzipSync(padded(gzipSync("text"))).toString(), "text")
  })
})
