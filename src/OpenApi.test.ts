import { assert, describe, it, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import createClient from "openapi-fetch"
import { DEMO_OWNER, demoDataSet } from "../tools/demo/DataSet.js"
import { derivedFiles, isCurrent } from "../tools/openapi/Documents.js"
import { filledBotTables } from "./testing/Bots.js"
import type { paths } from "./testing/GeneratedApi.js"
import { initDataOf, TestService, testService } from "./testing/Service.js"

describe("the OpenAPI document", () => {
  it("is checked in as it is derived (else: npm run openapi)", async () => {
    for (const file of await derivedFiles()) {
      assert.isTrue(await isCurrent(file), `${file.path.pathname} is out of date: npm run openapi`)
    }
  })

  it("describes every operation for a generator", async () => {
    const [file] = await derivedFiles()
    const document = JSON.parse(file?.content ?? "")
    const operations = Object.values<Record<string, Operation>>(document.paths).flatMap((path) => Object.values(path))
    const ids = operations.map(({ operationId }) => operationId)
    assert.strictEqual(new Set(ids).size, ids.length)
    for (const operation of operations) {
      assert.isNotEmpty(operation.summary, operation.operationId)
      assert.isNotEmpty(operation.description, operation.operationId)
      assert.lengthOf(operation.tags, 1)
      assert.include(Object.keys(operation.responses), "200")
      assert.include(Object.keys(operation.responses), "500")
      for (const parameter of operation.parameters ?? []) assert.isNotEmpty(parameter.description ?? "", parameter.name)
    }
    assert.notInclude(file?.content ?? "", "HttpApiDecodeError")
    assert.deepInclude(document.components.securitySchemes.tma, { type: "http", scheme: "tma" })
  })
})

interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly description: string
  readonly tags: ReadonlyArray<string>
  readonly responses: Record<string, unknown>
  readonly parameters?: ReadonlyArray<{ readonly name: string; readonly description?: string }>
}

const data = demoDataSet({ now: new Date(), scale: 0.01 })

layer(testService({ prepare: filledBotTables(data) }), { excludeTestServices: true })(
  "a client generated from it",
  (it) => {
    it.effect("logs in and reads every route", () =>
      Effect.gen(function* () {
        const { url } = yield* TestService
        const anonymous = createClient<paths>({ baseUrl: url })
        const login = yield* Effect.promise(() =>
          anonymous.POST("/api/auth/telegram", { body: { init_data: initDataOf(DEMO_OWNER.id) } })
        )
        assert.strictEqual(login.data?.user.user_id, DEMO_OWNER.id)
        const client = createClient<paths>({
          baseUrl: url,
          headers: { Authorization: `Bearer ${login.data?.token}` }
        })

        const bots = yield* Effect.promise(() => client.GET("/api/bots"))
        const bot_id = bots.data?.[0]?.uid ?? 0
        assert.strictEqual(bot_id, 1)

        const analytics = yield* Effect.promise(() =>
          client.GET("/api/analytics", {
            params: { query: { bot_id, start_date: "2026-01-01", end_date: "2026-01-31", tz: "Europe/Moscow" } }
          })
        )
        assert.lengthOf(analytics.data ?? [], 31)
        const users = yield* Effect.promise(() => client.GET("/api/users", { params: { query: { bot_id, limit: 5 } } }))
        assert.lengthOf(users.data?.users ?? [], 5)
        const payments = yield* Effect.promise(() =>
          client.GET("/api/payments", { params: { query: { bot_id, page: 2, limit: 5 } } })
        )
        assert.strictEqual(payments.data?.page, 2)
        const subscriptions = yield* Effect.promise(() =>
          client.GET("/api/subscriptions", { params: { query: { bot_id, status: "Active" } } })
        )
        assert.isAbove(subscriptions.data?.total ?? 0, 0)
        const summary = yield* Effect.promise(() =>
          client.GET("/api/bots/{bot_id}/summary", { params: { path: { bot_id }, query: {} } })
        )
        assert.strictEqual(summary.data?.total_users, users.data?.total)
        assert.strictEqual((yield* Effect.promise(() => client.GET("/healthz"))).data?.status, "ok")
        assert.strictEqual((yield* Effect.promise(() => client.GET("/readyz"))).data?.status, "ready")
      })
    )

    it.effect("tells errors apart by their tag", () =>
      Effect.gen(function* () {
        const { url } = yield* TestService
        const client = createClient<paths>({
          baseUrl: url,
          headers: { "X-Telegram-Init-Data": initDataOf(DEMO_OWNER.id) }
        })
        const wrong = yield* Effect.promise(() =>
          client.GET("/api/users", { params: { query: { bot_id: 1, limit: 0 } } })
        )
        assert.strictEqual(wrong.error?._tag, "InvalidRequest")
        assert.isTrue(wrong.error?._tag === "InvalidRequest" && wrong.error.issues[0]?.path === "limit")
        const foreign = yield* Effect.promise(() => client.GET("/api/users", { params: { query: { bot_id: 4 } } }))
        assert.strictEqual(foreign.error?._tag, "AccessDenied")
      })
    )
  }
)
