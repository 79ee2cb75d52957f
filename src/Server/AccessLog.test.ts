import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { LogLevel, ManagedRuntime } from "effect"
import { capturedLog } from "../testing/CapturedLog.js"
import { rawRequest, sendRaw } from "../testing/RawHttp.js"
import { BOT_TOKEN, initDataOf, SECRET_KEY, TestService, testService } from "../testing/Service.js"

const OWNER = 777000123
const SUB_URL = "https://sub.example.org/HCu1VkmMdfLoyXcSdloqCE"
const KEY = "vless://1db81157-fc2e-4edd-a87e-0b49fb4820c0@nl5.example.org:443"
const log = capturedLog()
const runtime = ManagedRuntime.make(
  testService({ settings: { logLevel: LogLevel.All, trustedProxies: ["127.0.0.1"] }, under: log.layer })
)
let service: typeof TestService.Service

/** Whatever reaches the terminal past the logger. */
const printed: Array<string> = []
const originals = [process.stdout.write, process.stderr.write] as const
beforeAll(async () => {
  service = await runtime.runPromise(TestService)
  const { connection } = service.database
  await connection.query("INSERT INTO bots (uid, bot_id, admin_id) VALUES (1, 7214036581, ?)", [OWNER])
  await connection.query(
    "INSERT INTO subscriptions (sub_uid, sub_url, user_id, bot_id, status, `keys`) VALUES ('s', ?, 1, 1, 'Active', ?)",
    [SUB_URL, JSON.stringify([KEY])]
  )
  for (const [stream, write] of [
    [process.stdout, originals[0]],
    [process.stderr, originals[1]]
  ] as const) {
    stream.write = ((...parameters: Parameters<typeof write>) => {
      printed.push(String(parameters[0]))
      return write.apply(stream, parameters)
    }) as typeof write
  }
})
afterAll(() => {
  ;[process.stdout.write, process.stderr.write] = originals
  return runtime.dispose()
})

const lineOf = (requestId: string | null | undefined) => {
  const lines = log.lines.filter((line) => line.request_id === requestId && line.route !== undefined)
  assert.lengthOf(lines, 1, "one access line for each request")
  return lines[0]
}

describe("the access log", () => {
  it("has one line for each request, with its route's template", async () => {
    const cases = [
      ["GET", "/healthz", "/healthz", 200],
      ["HEAD", "/healthz", "/healthz", 200],
      ["GET", "/api/bots/17/summary?currency=USD", "/api/bots/{bot_id}/summary", 401],
      ["GET", "/api/users?bot_id=x", "/api/users", 401],
      ["POST", "/api/auth/telegram", "/api/auth/telegram", 415],
      ["DELETE", "/api/bots", "/api/bots", 405],
      ["GET", "/some/secret/path?token=x", "(no route)", 404]
    ] as const
    for (const [method, path, route, status] of cases) {
      const answer = await service.request(path, { method })
      assert.strictEqual(answer.status, status)
      const line = lineOf(answer.headers.get("x-request-id"))
      assert.deepInclude(line, { level: "INFO", method, route, status, message: `${method} ${route} ${status}` })
      assert.isNumber(line?.duration_ms)
      assert.isUndefined(line?.admin_id)
    }
    assert.notInclude(log.text(), "some/secret")
  })

  it("names the admin where the credentials told, whatever became of the request", async () => {
    for (const [path, status] of [
      ["/api/bots", 200],
      ["/api/users?bot_id=x", 400],
      ["/api/users?bot_id=99", 403]
    ] as const) {
      const answer = await service.get(path, OWNER)
      assert.strictEqual(answer.status, status)
      assert.strictEqual(lineOf(answer.headers.get("x-request-id"))?.admin_id, OWNER)
    }
  })

  it("and all other lines, at any level, hold no secret and no query", async () => {
    const initData = initDataOf(OWNER)
    const forged = `${initData.slice(0, -4)}0000`
    const marker = "q5ecretquery"
    let address = 0
    const login = (body: string) =>
      service.request("/api/auth/telegram", {
        method: "POST",
        body,
        headers: { "Content-Type": "application/json", "X-Forwarded-For": `10.0.0.${address++}` }
      })
    const token: string = (await login(JSON.stringify({ init_data: initData }))).json.token
    assert.isNotEmpty(token)
    const forgedToken = `${token.slice(0, -4)}AAAA`
    for (const body of [
      JSON.stringify({ init_data: forged }),
      JSON.stringify({ init_data: `${initData}&hash=1` }),
      JSON.stringify({ init_data: { nested: initData } }),
      `{"init_data":"${initData}`,
      JSON.stringify(initData),
      JSON.stringify({ token, other: marker })
    ]) {
      assert.isAtLeast((await login(body)).status, 400)
    }
    const authorizations = [
      `Bearer ${token}`,
      `Bearer ${forgedToken}`,
      `tma ${initData}`,
      `tma ${forged}`,
      token,
      `Basic ${token}`
    ]
    const paths = [
      "/api/bots",
      `/api/subscriptions?bot_id=1&status=Active&note=${marker}`,
      `/api/subscriptions?bot_id=1&status=${marker}`,
      `/api/users?bot_id=${marker}`,
      `/api/bots/${marker}/summary`,
      `/nope/${marker}?token=${token}`
    ]
    let read = 0
    for (const path of paths) {
      for (const Authorization of authorizations) {
        const answer = await service.request(path, { headers: { Authorization } })
        if (answer.text.includes(KEY)) read++
      }
      await service.request(path, { headers: { "X-Telegram-Init-Data": initData, Cookie: `session=${marker}` } })
      await service.request(path, { headers: { "X-Telegram-Init-Data": forged } })
    }
    assert.isAbove(read, 0, "the keys were read by their owner")
    await sendRaw(service.url, `${rawRequest("GET", `/api/bots?${marker}`).trimEnd()}\r\nX-A : ${token}\r\n\r\n`)
    // A failure of the database while a secret is at hand.
    await service.database.connection.query("RENAME TABLE admins TO admins_away")
    await login(JSON.stringify({ init_data: initDataOf(OWNER) }))
    await service.request("/api/bots", { headers: { Authorization: `Bearer ${token}` } })
    await service.database.connection.query("RENAME TABLE admins_away TO admins")

    const hash = new URLSearchParams(initData).get("hash") ?? ""
    const secrets = [
      initData,
      forged,
      hash,
      token,
      forgedToken,
      token.split(".")[2] ?? "",
      KEY,
      SUB_URL,
      BOT_TOKEN,
      SECRET_KEY
    ]
    const output = [log.text(), ...printed].join("\n")
    for (const secret of [...secrets, marker, encodeURIComponent(initData), "query_id", "auth_date"]) {
      assert.isFalse(output.includes(secret), `in the log: ${secret.slice(0, 12)}...`)
    }
  })
})
