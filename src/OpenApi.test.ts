import * as HttpApi from "@effect/platform/HttpApi"
import { assert, describe, it, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import { SignJWT } from "jose"
import createClient from "openapi-fetch"
import { DEMO_OWNER, demoDataSet } from "../tools/demo/DataSet.js"
import { derivedFiles, isCurrent } from "../tools/openapi/Documents.js"
import { Api } from "./Api.js"
import { unavailable } from "./Database/Failure.js"
import { ApiError, NotReady } from "./Domain/Errors.js"
import { MAX_FAILED } from "./Domain/LoginLimits.js"
import { errorExamples } from "./OpenApi/ErrorExamples.js"
import { errorBody, internal } from "./Response/ErrorResponse.js"
import { filledBotTables } from "./testing/Bots.js"
import type { paths } from "./testing/GeneratedApi.js"
import { rawRequest, sendRaw } from "./testing/RawHttp.js"
import { initDataOf, SECRET_KEY, TestService, testService } from "./testing/Service.js"

describe("an endpoint", () => {
  it("names all that is wrong with a request at once: each input's schema says so", () => {
    HttpApi.reflect(Api, {
      onGroup: () => {},
      onEndpoint: ({ endpoint: { headersSchema, name, pathSchema, payloadSchema, urlParamsSchema } }) => {
        for (const { ast } of [headersSchema, pathSchema, payloadSchema, urlParamsSchema].flatMap(Option.toArray)) {
          const options = SchemaAST.getAnnotation(SchemaAST.ParseOptionsAnnotationId)(ast)
          assert.deepStrictEqual(options, Option.some({ errors: "all" }), name)
        }
      }
    })
  })
})

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

it("the OpenAPI document has an example of each error that it lists, which fits its schema", async () => {
  const [file] = await derivedFiles()
  const { components, paths } = JSON.parse(file?.content ?? "")
  const schemaOf: Record<string, Schema.Schema.AnyNoContext> = Object.fromEntries([
    ...ApiError.members.map((member) => [member._tag, member]),
    ["NotReady", NotReady]
  ])
  const listed = new Set(JSON.stringify(paths).match(/(?<="#\/components\/schemas\/)\w+(?=")/g))
  const errors = Object.entries(schemaOf).filter(([name]) => listed.has(name))
  assert.includeMembers(
    errors.map(([name]) => name),
    ["InvalidRequest", "Unauthorized", "AccessDenied", "ServiceUnavailable", "NotReady"]
  )
  for (const [name, schema] of errors) {
    const [example] = components.schemas[name].examples ?? []
    assert.isDefined(example, name)
    Schema.decodeUnknownSync(schema, { onExcessProperty: "error" })(example)
  }
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

    it.effect("finds the examples of errors to be what the service says", () =>
      Effect.gen(function* () {
        const { request, url } = yield* TestService
        const initData = (fields = {}) => ({ "X-Telegram-Init-Data": initDataOf(DEMO_OWNER.id, fields) })
        const login = (body: string, type = "application/json") =>
          request("/api/auth/telegram", { method: "POST", body, headers: { "Content-Type": type } })
        const expired = yield* Effect.promise(() =>
          new SignJWT({ sub: String(DEMO_OWNER.id), iat: 1, exp: 2 })
            .setProtectedHeader({ alg: "HS256" })
            .sign(Buffer.from(SECRET_KEY))
        )
        const asked: Readonly<Record<string, () => Promise<{ readonly json: unknown }>>> = {
          InvalidRequest: () => request("/api/users?bot_id=1&limit=0", { headers: initData() }),
          Unauthorized: () => request("/api/bots"),
          InitDataExpired: () => request("/api/bots", { headers: initData({ auth_date: "1700000000" }) }),
          TokenExpired: () => request("/api/bots", { headers: { Authorization: `Bearer ${expired}` } }),
          AccessDenied: () => request("/api/users?bot_id=4", { headers: initData() }),
          PayloadTooLarge: () => login("a".repeat(70_000)),
          UnsupportedMediaType: () => login("a", "text/plain"),
          HeadersTooLarge: () => sendRaw(url, rawRequest("GET", "/api/bots", { "X-Long": "a".repeat(17_000) })),
          TooManyRequests: async () => {
            for (let i = 0; i < MAX_FAILED; i++) await login('{"init_data":"x"}')
            return login('{"init_data":"x"}')
          },
          InternalError: async () => ({ json: errorBody(internal) }),
          ServiceUnavailable: async () => ({ json: errorBody(unavailable) })
        }
        const withoutSeconds = (json: unknown) => JSON.parse(JSON.stringify(json).replace(/\b\d+(?= s"|}$)/g, "0"))
        for (const [name, ask] of Object.entries(asked)) {
          const { json } = yield* Effect.promise(ask)
          assert.deepStrictEqual(withoutSeconds(json), withoutSeconds(errorExamples[name]), name)
        }
        assert.sameMembers(Object.keys(errorExamples), [...Object.keys(asked), "NotReady"])
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
