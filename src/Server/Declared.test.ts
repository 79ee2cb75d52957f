import * as HttpApi from "@effect/platform/HttpApi"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as HttpApiMiddleware from "@effect/platform/HttpApiMiddleware"
import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
import * as HttpServer from "@effect/platform/HttpServer"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import { assert, describe, layer } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as LogLevel from "effect/LogLevel"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { AdminsRepo } from "../Auth/AdminsRepo.js"
import { AppConfig } from "../Config.js"
import * as Pool from "../Database/Pool.js"
import * as Refusals from "../Database/Refusals.js"
import { Unauthorized } from "../Domain/Errors.js"
import { responding } from "../Response/Respond.js"
import { Draining } from "../System/Draining.js"
import { Metrics } from "../Telemetry/Metrics.js"
import * as Telemetry from "../Telemetry.js"
import { assertError, issuesOf } from "../testing/Assertions.js"
import { capturedLog } from "../testing/CapturedLog.js"
import { fetchJson, settingsFor } from "../testing/Service.js"
import * as Listening from "./Listening/Listening.js"
import { ServerLive } from "./Server.js"

/** What an Api declares is what runs: a small Api with what ours does not use, served the same way. */

class Teapot extends Schema.TaggedError<Teapot>()(
  "Teapot",
  { message: Schema.String, size: Schema.Int },
  HttpApiSchema.annotations({ status: 418 })
) {}

class Guest extends Context.Tag("test/Guest")<Guest, string>() {}

/** On the Api itself: every endpoint is behind it. */
class Door extends HttpApiMiddleware.Tag<Door>()("test/Door", { failure: Unauthorized, provides: Guest }) {}

const Thing = Schema.Struct({ id: Schema.Int, name: Schema.String, color: Schema.String, made_by: Schema.String })

const errorsAtOnce = { parseOptions: { errors: "all" } } as const

class ThingsApi extends HttpApiGroup.make("things")
  .add(
    HttpApiEndpoint.post("makeThing", "/things/:id")
      .setPath(Schema.Struct({ id: Schema.NumberFromString.pipe(Schema.int()) }))
      .setHeaders(
        Schema.Struct({ "x-color": Schema.String, "x-size": Schema.NumberFromString }).annotations(errorsAtOnce)
      )
      .setPayload(Schema.Struct({ name: Schema.String, parts: Schema.Int }).annotations(errorsAtOnce))
      .addSuccess(Thing, { status: 201 })
      .addError(Teapot)
  )
  .add(HttpApiEndpoint.del("removeThing", "/things/:id").addSuccess(Schema.Void))
  .add(
    HttpApiEndpoint.get("nameThing", "/name").addSuccess(
      HttpApiSchema.Text({ contentType: "text/x-name" }).annotations(HttpApiSchema.annotations({ status: 203 }))
    )
  ) {}

class SmallApi extends HttpApi.make("small").add(ThingsApi).middleware(Door) {}

const DoorLive = Layer.succeed(
  Door,
  Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ headers }) =>
    headers["x-key"] === "right"
      ? Effect.succeed("Guest")
      : Effect.fail(new Unauthorized({ message: "The door is shut" }))
  )
)

let made = 0
const ThingsLive = HttpApiBuilder.group(SmallApi, "things", (handlers) =>
  handlers
    .handle(
      ...responding(ThingsApi, "makeThing", ({ headers, path, payload }) =>
        Effect.gen(function* () {
          made++
          if (payload.name === "tea") return yield* new Teapot({ message: "I am one", size: headers["x-size"] })
          // The helper checks what it writes, whatever the types say.
          const name: string = payload.name === "odd" ? JSON.parse("5") : payload.name
          return { id: path.id, name, color: headers["x-color"], made_by: yield* Guest }
        })
      )
    )
    .handle(...responding(ThingsApi, "removeThing", () => Effect.void))
    .handle(...responding(ThingsApi, "nameThing", () => Guest))
)

const WithoutDoor = HttpApiBuilder.api(SmallApi).pipe(Layer.provide(ThingsLive))
const WithoutThings = HttpApiBuilder.api(SmallApi).pipe(Layer.provide(DoorLive))

// The language service sees too what the compiler is expected to see.
// @effect-diagnostics missingLayerContext:off
/** Compiles for what needs nothing more. */
const complete = (api: Layer.Layer<HttpApi.Api>) => api
// @ts-expect-error The Layer of the Api's middleware is missing.
complete(WithoutDoor)
// @ts-expect-error The Layer of a group is missing.
complete(WithoutThings)
const ApiLive = complete(WithoutDoor.pipe(Layer.provide(DoorLive)))

const nowhere = { host: "", port: 0, database: "", username: "", password: Redacted.make(""), tls: "off" } as const
const log = capturedLog()

const SmallLive = ServerLive.pipe(
  Layer.provide(ApiLive),
  Layer.provideMerge(Listening.layer({ host: "127.0.0.1", port: 0 })),
  Layer.provide([
    Layer.succeed(AppConfig, settingsFor(nowhere, { logLevel: LogLevel.Info })),
    Layer.succeed(AdminsRepo, AdminsRepo.make({ login: () => Effect.die("no accounts"), confirm: () => Effect.void })),
    Layer.scoped(Pool.Pool, Pool.make({ address: nowhere, size: 1, queryTimeout: Duration.seconds(1) })).pipe(
      Layer.provide(Refusals.layer)
    ),
    Metrics.Default,
    Draining.Default
  ]),
  Layer.provide(log.layer),
  Layer.provide(Telemetry.off)
)

const KEY = { "X-Key": "right" }
const HEADERS = { ...KEY, "X-Color": "red", "X-Size": "3", "Content-Type": "application/json" }

const ask = (path: string, init?: RequestInit) =>
  Effect.flatMap(HttpServer.HttpServer, ({ address }) =>
    Effect.promise(() => fetchJson(HttpServer.formatAddress(address) + path, init))
  )
const make = (payload: unknown, headers: Record<string, string> = HEADERS, path = "/things/7") =>
  ask(path, { method: "POST", headers, body: typeof payload === "string" ? payload : JSON.stringify(payload) })

describe("what an Api declares", () => {
  layer(SmallLive, { excludeTestServices: true })((it) => {
    it.effect("is what runs: path, headers, payload, middleware, and the success's status", () =>
      Effect.gen(function* () {
        const answer = yield* make({ name: "cup", parts: 2 })
        assert.strictEqual(answer.status, 201)
        assert.deepStrictEqual(answer.json, { id: 7, name: "cup", color: "red", made_by: "Guest" })
        assert.strictEqual(answer.headers.get("content-type"), "application/json")
        assert.strictEqual(answer.headers.get("content-length"), String(answer.text.length))
      })
    )

    it.effect("asks for a required header, and names all that is wrong with the headers at once", () =>
      Effect.gen(function* () {
        const answer = yield* make({ name: "cup", parts: 2 }, { ...KEY, "Content-Type": "application/json" })
        assertError(answer, 400, "InvalidRequest")
        assert.deepStrictEqual([...issuesOf(answer)].sort(), ["x-color", "x-size"])
        assert.include(answer.json.message, "x-color is missing")
      })
    )

    it.effect("decodes the payload, and names all that is wrong with it at once", () =>
      Effect.gen(function* () {
        const before = made
        const answer = yield* make({ name: 5 })
        assertError(answer, 400, "InvalidRequest")
        assert.deepStrictEqual([...issuesOf(answer)].sort(), ["name", "parts"])
        for (const body of ["", "{", "null", "[]"]) assert.deepStrictEqual(issuesOf(yield* make(body)), ["body"], body)
        assert.deepStrictEqual(issuesOf(yield* make({ name: "cup", parts: 2 }, HEADERS, "/things/x")), ["id"])
        assert.strictEqual(made, before)
      })
    )

    it.effect("answers an error with the status and the fields of its own", () =>
      Effect.gen(function* () {
        const answer = yield* make({ name: "tea", parts: 2 })
        assertError(answer, 418, "Teapot")
        assert.strictEqual(answer.json.size, 3)
        assert.strictEqual(log.lines.find(({ status }) => status === 418)?.error, "Teapot")
      })
    )

    it.effect("runs the Api's own middleware before each endpoint", () =>
      Effect.gen(function* () {
        const before = made
        for (const [path, method] of [
          ["/things/7", "POST"],
          ["/things/7", "DELETE"],
          ["/name", "GET"]
        ] as const) {
          const headers = { "Content-Type": "application/json" }
          const answer = yield* ask(path, { method, headers, ...(method === "POST" ? { body: "{}" } : {}) })
          assertError(answer, 401, "Unauthorized", path)
          assert.strictEqual(answer.json.message, "The door is shut")
        }
        assert.strictEqual(made, before)
      })
    )

    it.effect("answers without a body, and with text, where it says so", () =>
      Effect.gen(function* () {
        const removed = yield* ask("/things/7", { method: "DELETE", headers: KEY })
        assert.strictEqual(removed.status, 204)
        assert.strictEqual(removed.text, "")
        const named = yield* ask("/name", { headers: KEY })
        assert.strictEqual(named.status, 203)
        assert.strictEqual(named.headers.get("content-type"), "text/x-name")
        assert.strictEqual(named.text, "Guest")
      })
    )

    it.effect("is not broken by what does not fit: that is our fault", () =>
      Effect.gen(function* () {
        const answer = yield* make({ name: "odd", parts: 2 })
        assertError(answer, 500, "InternalError")
        const id = answer.headers.get("x-request-id")
        const errors = log.lines.filter(({ level, request_id }) => level === "ERROR" && request_id === id)
        assert.lengthOf(errors, 1)
        assert.include(errors[0]?.cause, "name")
      })
    )

    it.effect("has its documents and its methods", () =>
      Effect.gen(function* () {
        assertError(yield* ask("/openapi.json"), 401, "Unauthorized")
        const { json } = yield* ask("/openapi.json", { headers: KEY })
        assert.deepStrictEqual(Object.keys(json.paths), ["/things/{id}", "/name"])
        assert.include((yield* ask("/docs", { headers: KEY })).text, "SwaggerUIBundle")
        const answer = yield* ask("/things/7", { method: "PUT" })
        assertError(answer, 405, "MethodNotAllowed")
        assert.strictEqual(answer.headers.get("allow"), "POST, DELETE")
      })
    )
  })
})
