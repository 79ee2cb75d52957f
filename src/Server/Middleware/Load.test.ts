import { assert, describe, layer } from "@effect/vitest"
import * as Duration from "effect/Duration"
import { until } from "../../testing/Database.js"
import { openRaw, rawRequest } from "../../testing/RawHttp.js"
import { initDataOf, type TestService, testService } from "../../testing/Service.js"
import { steps, withBotOf } from "../../testing/Steps.js"

const OWNER = 777000123
/** One connection, which nothing but requests uses, and so this many requests in progress. */
const LIMIT = 20
const BURST = 500

const serviceWith = (queryTimeout: Duration.DurationInput) =>
  testService({ settings: { poolSize: 1, facts: "off", queryTimeout: Duration.decode(queryTimeout) } }).pipe(
    withBotOf(OWNER)
  )

const figure = async ({ request }: Service, sample: string): Promise<number> => {
  const { text } = await request("/metrics")
  return Number(new RegExp(`^${sample.replace(/[{}]/g, "\\$&")} (\\S+)$`, "m").exec(text)?.[1])
}
type Service = typeof TestService.Service
const inProgress = (service: Service) => figure(service, 'http_requests_in_progress{state="in_progress"}')
const waiting = (service: Service) => figure(service, 'http_requests_in_progress{state="waiting"}')

const ask = (service: Service, count: number) =>
  Array.from({ length: count }, () => service.get("/api/bots", OWNER).then(({ json, status }) => ({ json, status })))

// The line may stand for half of the time limit: long enough for a machine with other things to do.
layer(serviceWith("60 seconds"), { excludeTestServices: true })((it) => {
  describe("more requests than may be in progress", () => {
    it.effect("are all answered, when the database can do it in time", () =>
      steps(async (service) => {
        const { connection } = service.database
        await connection.query("LOCK TABLES bots WRITE")
        const burst = ask(service, BURST)
        await until(async () => (await waiting(service)) === BURST - LIMIT, 20_000)
        assert.strictEqual(await inProgress(service), LIMIT)
        assert.strictEqual(await figure(service, 'http_requests_in_progress{state="limit"}'), LIMIT)
        // Probes are not in line.
        assert.strictEqual((await service.request("/healthz")).status, 200)
        await connection.query("UNLOCK TABLES")
        assert.deepEqual([...new Set((await Promise.all(burst)).map(({ status }) => status))], [200])
        assert.strictEqual(await figure(service, "http_requests_refused_total"), 0)
        assert.deepEqual([await inProgress(service), await waiting(service)], [0, 0])
      })
    )

    it.effect("leave no place taken, in progress or in line, when their clients go away", () =>
      steps(async (service) => {
        const { connection } = service.database
        await connection.query("LOCK TABLES bots WRITE")
        const head = rawRequest("GET", "/api/bots", { "X-Telegram-Init-Data": initDataOf(OWNER) })
        const clients = Array.from({ length: 2 * LIMIT }, () => openRaw(service.url))
        for (const client of clients) client.write(head)
        await until(async () => (await waiting(service)) === LIMIT, 20_000)
        // Some of the line first, and then all: nobody else takes their turn.
        for (const { socket } of clients.slice(0, LIMIT / 2)) socket.destroy()
        for (const { socket } of clients) socket.destroy()
        await until(async () => (await inProgress(service)) + (await waiting(service)) === 0, 20_000)
        await connection.query("UNLOCK TABLES")
        assert.strictEqual((await service.get("/api/bots", OWNER)).status, 200)
      })
    )

    it.effect("are not those whose bodies come slowly", () =>
      steps(async (service) => {
        const head = rawRequest("POST", "/api/auth/telegram", {
          "Content-Type": "application/json",
          "Content-Length": "1000"
        })
        const clients = Array.from({ length: LIMIT + 5 }, () => openRaw(service.url))
        for (const client of clients) client.write(`${head}{"init_data":`)
        await new Promise((resolve) => setTimeout(resolve, 200))
        assert.strictEqual(await inProgress(service), 0)
        assert.strictEqual((await service.get("/api/bots", OWNER)).status, 200)
        for (const { socket } of clients) socket.destroy()
      })
    )
  })
})

layer(serviceWith("16 seconds"), { excludeTestServices: true })((it) => {
  describe("more requests than the database can do in time", () => {
    it.effect("are refused, while probes and those in progress go on", () =>
      steps(async (service) => {
        const { connection } = service.database
        await connection.query("LOCK TABLES bots WRITE")
        const running = ask(service, LIMIT)
        await until(async () => (await inProgress(service)) === LIMIT, 5000)

        // The first make the line, and wait as long as it may stand. Those after them find it too old.
        const line = await Promise.all([
          ...Array.from({ length: 5 }, () => service.get("/api/bots", OWNER)),
          service.request("/openapi.json")
        ])
        const more: ReadonlyArray<readonly [path: string, init: RequestInit]> = [
          ["/api/bots", { headers: { "X-Telegram-Init-Data": initDataOf(OWNER) } }],
          ["/api/bots", {}],
          ["/api/auth/telegram", { method: "POST", body: "{}", headers: { "Content-Type": "application/json" } }]
        ]
        const after = await Promise.all(more.map(([path, init]) => service.request(path, init)))
        for (const { headers, json, status } of [...line, ...after]) {
          assert.strictEqual(status, 503)
          assert.strictEqual(json._tag, "ServiceUnavailable")
          assert.include(json.message, "overloaded")
          assert.strictEqual(headers.get("retry-after"), "1")
          assert.isNotNull(headers.get("x-request-id"))
        }
        assert.strictEqual((await service.request("/healthz")).status, 200)
        assert.strictEqual(await figure(service, "http_requests_refused_total"), line.length + after.length)

        await connection.query("UNLOCK TABLES")
        assert.deepEqual([...new Set((await Promise.all(running)).map(({ status }) => status))], [200])
        assert.strictEqual((await service.get("/api/bots", OWNER)).status, 200)
        assert.strictEqual(await inProgress(service), 0)
      })
    )
  })
})
