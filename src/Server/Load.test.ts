import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { until } from "../testing/Database.js"
import { openRaw, rawRequest } from "../testing/RawHttp.js"
import { initDataOf, TestService, testService } from "../testing/Service.js"

const OWNER = 777000123
/** One connection, which nothing but requests uses, and so this many requests in progress. */
const LIMIT = 21
const runtime = ManagedRuntime.make(testService({ settings: { poolSize: 1, facts: false } }))
let service: typeof TestService.Service
beforeAll(async () => {
  service = await runtime.runPromise(TestService)
  await service.database.connection.query("INSERT INTO bots (uid, bot_id, admin_id) VALUES (1, 7214036581, ?)", [OWNER])
})
afterAll(() => runtime.dispose())

const figure = async (sample: string): Promise<number> => {
  const { text } = await service.request("/metrics")
  return Number(new RegExp(`^${sample.replace(/[{}]/g, "\\$&")} (\\S+)$`, "m").exec(text)?.[1])
}
const inProgress = () => figure('http_requests_in_progress{state="in_progress"}')

describe("more requests than the service can do", () => {
  it("are refused at once, while probes and those in progress go on", async () => {
    const { connection } = service.database
    await connection.query("LOCK TABLES bots WRITE")
    const running = Array.from({ length: LIMIT }, () => service.get("/api/bots", OWNER))
    await until(async () => (await inProgress()) === LIMIT, 5000)

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
    assert.strictEqual(await figure("http_requests_refused_total"), times.length)
    assert.strictEqual(await figure('http_requests_in_progress{state="limit"}'), LIMIT)

    await connection.query("UNLOCK TABLES")
    assert.deepEqual([...new Set((await Promise.all(running)).map(({ status }) => status))], [200])
    assert.strictEqual((await service.get("/api/bots", OWNER)).status, 200)
    assert.strictEqual(await inProgress(), 0)
  })

  it("leave no place taken when their clients go away", async () => {
    const { connection } = service.database
    await connection.query("LOCK TABLES bots WRITE")
    const head = rawRequest("GET", "/api/bots", { "X-Telegram-Init-Data": initDataOf(OWNER) })
    const clients = Array.from({ length: LIMIT }, () => openRaw(service.url))
    for (const client of clients) client.write(head)
    await until(async () => (await inProgress()) === LIMIT, 5000)
    for (const { socket } of clients) socket.destroy()
    await until(async () => (await inProgress()) === 0, 5000)
    await connection.query("UNLOCK TABLES")
    assert.strictEqual((await service.get("/api/bots", OWNER)).status, 200)
  })

  it("are not those whose bodies come slowly", async () => {
    const head = rawRequest("POST", "/api/auth/telegram", {
      "Content-Type": "application/json",
      "Content-Length": "1000"
    })
    const clients = Array.from({ length: LIMIT + 5 }, () => openRaw(service.url))
    for (const client of clients) client.write(`${head}{"init_data":`)
    await new Promise((resolve) => setTimeout(resolve, 200))
    assert.strictEqual(await inProgress(), 0)
    assert.strictEqual((await service.get("/api/bots", OWNER)).status, 200)
    for (const { socket } of clients) socket.destroy()
  })
})
