import { assert, describe, layer } from "@effect/vitest"
import { until } from "../../testing/Database.js"
import { openRaw, rawRequest } from "../../testing/RawHttp.js"
import { initDataOf, type TestService, testService } from "../../testing/Service.js"
import { steps, withBotOf } from "../../testing/Steps.js"

const OWNER = 777000123
/** One connection, which nothing but requests uses, and so this many requests in progress. */
const LIMIT = 21
const ServiceLive = testService({ settings: { poolSize: 1, facts: "off" } }).pipe(withBotOf(OWNER))

const figure = async ({ request }: Service, sample: string): Promise<number> => {
  const { text } = await request("/metrics")
  return Number(new RegExp(`^${sample.replace(/[{}]/g, "\\$&")} (\\S+)$`, "m").exec(text)?.[1])
}
type Service = typeof TestService.Service
const inProgress = (service: Service) => figure(service, 'http_requests_in_progress{state="in_progress"}')

layer(ServiceLive, { excludeTestServices: true })((it) => {
  describe("more requests than the service can do", () => {
    it.effect("are refused at once, while probes and those in progress go on", () =>
      steps(async (service) => {
        const { connection } = service.database
        await connection.query("LOCK TABLES bots WRITE")
        const running = Array.from({ length: LIMIT }, () => service.get("/api/bots", OWNER))
        await until(async () => (await inProgress(service)) === LIMIT, 5000)

        const times: Array<number> = []
        for (const [path, init] of [
          ["/api/bots", { headers: { "X-Telegram-Init-Data": initDataOf(OWNER) } }],
          ["/api/bots", {}],
          ["/api/auth/telegram", { method: "POST", body: "{}", headers: { "Content-Type": "application/json" } }],
          ["/openapi.json", {}]
        ] as const) {
          const startedAt = performance.now()
          const answer = await service.request(path, init)
          times.push(performance.now() - startedAt)
          assert.strictEqual(answer.status, 503, path)
          assert.strictEqual(answer.json._tag, "ServiceUnavailable")
          assert.include(answer.json.message, "overloaded")
          assert.strictEqual(answer.headers.get("retry-after"), "1")
          assert.isNotNull(answer.headers.get("x-request-id"))
        }
        assert.isBelow(Math.min(...times), 100)
        assert.strictEqual((await service.request("/healthz")).status, 200)
        assert.strictEqual(await figure(service, "http_requests_refused_total"), times.length)
        assert.strictEqual(await figure(service, 'http_requests_in_progress{state="limit"}'), LIMIT)

        await connection.query("UNLOCK TABLES")
        assert.deepEqual([...new Set((await Promise.all(running)).map(({ status }) => status))], [200])
        assert.strictEqual((await service.get("/api/bots", OWNER)).status, 200)
        assert.strictEqual(await inProgress(service), 0)
      })
    )

    it.effect("leave no place taken when their clients go away", () =>
      steps(async (service) => {
        const { connection } = service.database
        await connection.query("LOCK TABLES bots WRITE")
        const head = rawRequest("GET", "/api/bots", { "X-Telegram-Init-Data": initDataOf(OWNER) })
        const clients = Array.from({ length: LIMIT }, () => openRaw(service.url))
        for (const client of clients) client.write(head)
        await until(async () => (await inProgress(service)) === LIMIT, 5000)
        for (const { socket } of clients) socket.destroy()
        await until(async () => (await inProgress(service)) === 0, 5000)
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
