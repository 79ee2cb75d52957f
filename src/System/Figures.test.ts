import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { MAX_FAILED } from "../Domain/LoginLimits.js"
import { until } from "../testing/Database.js"
import { logIn, postLogin } from "../testing/Login.js"
import { openRaw, rawRequest } from "../testing/RawHttp.js"
import { initDataOf, TestService, testService } from "../testing/Service.js"

const OWNER = 777000123
const runtime = ManagedRuntime.make(
  testService({
    settings: {
      trustedProxies: ["127.0.0.1"],
      initDataMaxAge: Duration.hours(1),
      queryTimeout: Duration.millis(700)
    }
  })
)
let service: typeof TestService.Service
beforeAll(async () => {
  service = await runtime.runPromise(TestService)
})
afterAll(() => runtime.dispose())

/** The samples of a metric, by the value of the one label that matters. */
const byLabel = async (name: string, label: string): Promise<Record<string, number>> => {
  const { text } = await service.request("/metrics")
  const pattern = new RegExp(`^${name}\\{${label}="([^"]+)"\\} (\\S+)$`, "gm")
  return Object.fromEntries([...text.matchAll(pattern)].map(([, key = "", value]) => [key, Number(value)]))
}

const withTableAway = async (table: string, act: () => Promise<unknown>) => {
  const { connection } = service.database
  await connection.query(`RENAME TABLE ${table} TO away`)
  await act()
  await connection.query(`RENAME TABLE away TO ${table}`)
}

const withTableLocked = async (table: string, act: () => Promise<unknown>) => {
  const { connection } = service.database
  await connection.query(`LOCK TABLES ${table} WRITE`)
  await act()
  await connection.query("UNLOCK TABLES")
}

describe("the figures", () => {
  it("count logins by what became of them", async () => {
    const before = await byLabel("logins_total", "outcome")
    assert.deepEqual(Object.keys(before).sort(), [
      "abandoned",
      "expired",
      "failed",
      "forged",
      "limited",
      "malformed",
      "ok",
      "unavailable"
    ])
    let address = 0
    const from = () => ({ "X-Forwarded-For": `10.0.0.${address++}` })
    const initData = initDataOf(OWNER)
    const forged = `${initData.slice(0, -4)}0000`
    await logIn(service, initData, from())
    await logIn(service, "hash=1", from())
    await postLogin(service, "{", from())
    await postLogin(service, "a".repeat(70_000), from())
    await logIn(service, initDataOf(OWNER, { auth_date: String(Math.floor(Date.now() / 1000) - 7200) }), from())
    const attacker = from()
    for (let i = 0; i < MAX_FAILED + 2; i++) await logIn(service, forged, attacker)
    await withTableAway("admins", () => logIn(service, initData, from()))
    await withTableLocked("admins", () => logIn(service, initData, from()))
    const client = openRaw(service.url)
    client.write(
      rawRequest("POST", "/api/auth/telegram", { "Content-Type": "application/json", "Content-Length": "9" })
    )
    await new Promise((resolve) => setTimeout(resolve, 100))
    client.socket.destroy()
    await until(async () => (await byLabel("logins_total", "outcome")).abandoned === 1, 3000)
    assert.deepEqual(await byLabel("logins_total", "outcome"), {
      ok: 1,
      malformed: 3,
      expired: 1,
      forged: MAX_FAILED,
      limited: 2,
      failed: 1,
      unavailable: 1,
      abandoned: 1
    })
  })

  it("time statements by how they ended", async () => {
    const counts = () => byLabel("database_statement_duration_seconds_count", "outcome")
    const before = await counts()
    assert.sameMembers(Object.keys(before), ["ok", "unavailable", "failed", "interrupted"])
    const grown = async (outcome: string) => ((await counts())[outcome] ?? 0) - (before[outcome] ?? 0)
    await service.get("/api/bots", OWNER)
    assert.isAbove(await grown("ok"), 0)
    await withTableAway("bots", () => service.get("/api/bots", OWNER))
    assert.strictEqual(await grown("failed"), 1)
    await withTableLocked("bots", () => service.get("/api/bots", OWNER))
    assert.strictEqual(await grown("unavailable"), 1)
    await withTableLocked("bots", async () => {
      const client = openRaw(service.url)
      client.write(rawRequest("GET", "/api/bots", { "X-Telegram-Init-Data": initDataOf(OWNER) }))
      await new Promise((resolve) => setTimeout(resolve, 200))
      client.socket.destroy()
      await until(async () => (await grown("interrupted")) === 1, 3000)
    })
    const sums = await byLabel("database_statement_duration_seconds_sum", "outcome")
    assert.isAbove(sums.unavailable ?? 0, 0.6)
  })

  it("have the event loop's delay, by quantile", async () => {
    const { text } = await service.request("/metrics")
    for (const name of ["lag_seconds", "lag_p50_seconds", "lag_p99_seconds", "lag_max_seconds"]) {
      assert.match(text, new RegExp(`^nodejs_eventloop_${name} \\d`, "m"))
    }
  })
})
