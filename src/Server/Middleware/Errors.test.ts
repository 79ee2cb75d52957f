import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as LogLevel from "effect/LogLevel"
import * as Schema from "effect/Schema"
import { capturedLog } from "../../testing/CapturedLog.js"
import { openRaw, rawRequest } from "../../testing/RawHttp.js"
import { initDataOf, testService } from "../../testing/Service.js"
import { steps, withRows } from "../../testing/Steps.js"
import { toApiError } from "./Errors.js"

const OWNER = 777000123
const SUB_URL = "https://sub.example.org/HCu1VkmMdfLoyXcSdloqCE"
const log = capturedLog()
const ServiceLive = testService({ settings: { logLevel: LogLevel.Info }, under: log.layer }).pipe(
  withRows("INSERT INTO bots (uid, bot_id, admin_id) VALUES (1, 7214036581, ?)", [OWNER]),
  // Bytes that are no text, and then a secret.
  withRows("ALTER TABLE subscriptions MODIFY sub_url VARBINARY(512) NULL", []),
  withRows(
    "INSERT INTO subscriptions (sub_uid, sub_url, user_id, bot_id, status) VALUES ('s', CONCAT(0xFF, ?), 7, 1, 'Active')",
    [SUB_URL]
  )
)

layer(ServiceLive, { excludeTestServices: true })((it) => {
  describe("a row that can't be read", () => {
    it.effect("is left out, and named in the log without its values", () =>
      steps(async (service) => {
        const answer = await service.get("/api/subscriptions?bot_id=1", OWNER)
        assert.strictEqual(answer.status, 200)
        assert.deepStrictEqual(answer.json.subscriptions, [])
        assert.strictEqual(answer.json.total, 1)
        assert.isTrue(
          log.lines.some(({ level, message }) => level === "WARN" && /subscriptions\.sub_url/.test(message))
        )
        assert.notInclude(answer.text + log.text(), SUB_URL)
      })
    )
  })

  describe("a defect", () => {
    it.effect("is a 500 that shows nothing of it, and one line at ERROR with the cause and the request's id", () =>
      steps(async (service) => {
        // Our own table, changed by somebody: no fault of the bots', and no state that passes.
        await service.database.connection.query(
          "ALTER TABLE bot_analytics_admins RENAME COLUMN first_name TO name_of_old"
        )
        const initData = initDataOf(OWNER)
        const answer = await service.request("/api/auth/telegram", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ init_data: initData })
        })
        await service.database.connection.query(
          "ALTER TABLE bot_analytics_admins RENAME COLUMN name_of_old TO first_name"
        )
        assert.strictEqual(answer.status, 500)
        assert.strictEqual(answer.json._tag, "InternalError")
        assert.include(answer.json.message, "X-Request-Id")
        assert.deepEqual(Object.keys(answer.json), ["_tag", "message"])
        const id = answer.headers.get("x-request-id")
        const errors = log.lines.filter(({ level, request_id }) => level === "ERROR" && request_id === id)
        assert.lengthOf(errors, 1)
        assert.include(errors[0]?.cause, "first_name")
        assert.notInclude(answer.text, "first_name")
        assert.notInclude(log.text(), new URLSearchParams(initData).get("hash") ?? "")
        assert.strictEqual((await service.get("/api/bots", OWNER)).status, 200)
      })
    )
  })

  describe("an answer that does not fit its schema", () => {
    it.effect("is our fault, and the log says where without what was there", () =>
      Effect.gen(function* () {
        const schema = Schema.Struct({ keys: Schema.Number })
        const quiet = capturedLog()
        const error = yield* Schema.decodeUnknown(schema)({ keys: "vless://secret" }).pipe(
          Effect.catchAllCause(toApiError),
          Effect.provide(quiet.layer)
        )
        assert.propertyVal(error, "_tag", "InternalError")
        assert.lengthOf(quiet.lines, 1)
        assert.include(quiet.lines[0]?.cause, "keys")
        assert.notInclude(quiet.text(), "vless://secret")
      })
    )
  })

  describe("a client that goes away", () => {
    it.effect("ends the work, and is a 499 in the log, not an error", () =>
      steps(async (service) => {
        const { connection } = service.database
        await connection.query("LOCK TABLES bots WRITE")
        try {
          const client = openRaw(service.url)
          client.write(rawRequest("GET", "/api/bots", { "X-Telegram-Init-Data": initDataOf(OWNER) }))
          await new Promise((resolve) => setTimeout(resolve, 300))
          const said = log.lines.length
          client.socket.destroy()
          const gone = () => log.lines.slice(said).find(({ status }) => status === 499)
          for (let i = 0; i < 100 && gone() === undefined; i++) await new Promise((resolve) => setTimeout(resolve, 20))
          assert.strictEqual(gone()?.route, "/api/bots")
          assert.isUndefined(log.lines.slice(said).find(({ level }) => level === "ERROR" || level === "WARN"))
        } finally {
          await connection.query("UNLOCK TABLES")
        }
        assert.strictEqual((await service.get("/api/bots", OWNER)).status, 200)
      })
    )

    it.effect("in the middle of its body is one too", () =>
      steps(async (service) => {
        const said = log.lines.length
        const client = openRaw(service.url)
        client.write(
          rawRequest(
            "POST",
            "/api/auth/telegram",
            { "Content-Type": "application/json", "Content-Length": "100" },
            '{"init'
          )
        )
        await new Promise((resolve) => setTimeout(resolve, 100))
        client.socket.destroy()
        const gone = () => log.lines.slice(said).find(({ status }) => status === 499)
        for (let i = 0; i < 100 && gone() === undefined; i++) await new Promise((resolve) => setTimeout(resolve, 20))
        assert.strictEqual(gone()?.route, "/api/auth/telegram")
        assert.isUndefined(log.lines.slice(said).find(({ level }) => level === "ERROR"))
      })
    )
  })
})
