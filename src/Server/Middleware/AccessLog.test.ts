import { assert, describe, layer } from "@effect/vitest"
import * as LogLevel from "effect/LogLevel"
import { capturedLog } from "../../testing/CapturedLog.js"
import { testService } from "../../testing/Service.js"
import { steps, withBotOf } from "../../testing/Steps.js"

const OWNER = 777000123
const log = capturedLog()
const ServiceLive = testService({
  settings: { logLevel: LogLevel.All, trustedProxies: ["127.0.0.1"] },
  under: log.layer
}).pipe(withBotOf(OWNER))

const lineOf = (requestId: string | null | undefined) => {
  const lines = log.lines.filter((line) => line.request_id === requestId && line.route !== undefined)
  assert.lengthOf(lines, 1, "one access line for each request")
  return lines[0]
}

layer(ServiceLive, { excludeTestServices: true })((it) => {
  describe("the access log", () => {
    it.effect("has one line for each request, with its route's template", () =>
      steps(async (service) => {
        const cases = [
          ["GET", "/healthz", "/healthz", 200, "DEBUG"],
          ["HEAD", "/readyz", "/readyz", 200, "DEBUG"],
          ["GET", "/metrics", "/metrics", 200, "DEBUG"],
          ["POST", "/healthz", "/healthz", 405, "INFO"],
          ["GET", "/docs", "/docs", 200, "INFO"],
          ["GET", "/api/bots/17/summary?currency=USD", "/api/bots/{bot_id}/summary", 401, "INFO"],
          ["GET", "/api/users?bot_id=x", "/api/users", 401, "INFO"],
          ["POST", "/api/auth/telegram", "/api/auth/telegram", 415, "INFO"],
          ["DELETE", "/api/bots", "/api/bots", 405, "INFO"],
          ["GET", "/some/secret/path?token=x", "(no route)", 404, "INFO"]
        ] as const
        for (const [method, path, route, status, level] of cases) {
          const answer = await service.request(path, { method })
          assert.strictEqual(answer.status, status)
          const line = lineOf(answer.headers.get("x-request-id"))
          assert.deepInclude(line, { level, method, route, status, message: `${method} ${route} ${status}` })
          assert.isNumber(line?.duration_ms)
          assert.strictEqual(line?.error, answer.json?._tag)
          assert.isUndefined(line?.admin_id)
        }
        assert.notInclude(log.text(), "some/secret")
      })
    )

    it.effect("names the admin where the credentials told, whatever became of the request", () =>
      steps(async (service) => {
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
    )
  })
})
