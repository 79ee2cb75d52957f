import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Api } from "../../Api.js"
import { routesOf } from "../Routes.js"
import { withRequest } from "./Middleware.js"
import { requestContext } from "./RequestContext.js"

/** What the app is given of a request for this target. */
const seen = (target: string) => {
  const request = HttpServerRequest.fromWeb(new Request("http://localhost/")).modify({ url: target })
  const app = withRequest(({ url }, { admin, error, id, method, route }) =>
    Effect.succeed(HttpServerResponse.raw({ url, id, method, route, admin, error }))
  )
  return requestContext(routesOf(Api))(app).pipe(
    Effect.provideService(HttpServerRequest.HttpServerRequest, request),
    Effect.map(({ body }) => (body._tag === "Raw" ? (body.body as Record<string, unknown>) : {}))
  )
}

it.effect("gives each request an id of ours, its method and its route", () =>
  Effect.gen(function* () {
    const [one, other] = [yield* seen("/api/bots/17/summary?currency=USD"), yield* seen("/nope")]
    assert.deepInclude(one, { method: "GET", route: "/api/bots/{bot_id}/summary", admin: undefined, error: undefined })
    assert.match(String(one.id), /^[0-9a-f-]{36}$/)
    assert.notStrictEqual(one.id, other.id)
    assert.isUndefined(other.route)
  })
)

it.effect("gives the router a target that it can read", () =>
  Effect.gen(function* () {
    for (const [target, url, route] of [
      ["/api/users?bot_id=1;2&x=%zz", "/api/users?bot_id=1;2&x=%zz", "/api/users"],
      ["http://localhost/api/users?x=1", "/api/users?x=1", "/api/users"],
      ["http://localhost?x=1", "/?x=1", "/"],
      ["http://elsewhere", "/", "/"],
      ["/api/bots/%zz/summary", "/api/bots/%25zz/summary", "/api/bots/{bot_id}/summary"],
      ["/api/bots/1;x/summary?a;b", "/api/bots/1%3Bx/summary?a;b", "/api/bots/{bot_id}/summary"],
      ["/api/bots/%31/summary", "/api/bots/%31/summary", "/api/bots/{bot_id}/summary"],
      ["/%61pi/bots", "/%61pi/bots", undefined],
      ["/api/bots#part", "/api/bots#part", "/api/bots"]
    ] as const) {
      assert.deepInclude(yield* seen(target), { url, route }, target)
    }
  })
)
