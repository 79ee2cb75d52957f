import { HttpApi, HttpApiBuilder, HttpServerResponse, OpenApi } from "@effect/platform"
import { Effect } from "effect"
import { Api } from "../Api.js"

/**
 * The OpenAPI document and its page, made when somebody first asks: few do, and a service that starts has others to
 * serve. The page brings a megabyte of script, which is not even read from disk before.
 */
const document = Effect.sync(() => HttpServerResponse.unsafeJson(OpenApi.fromApi(Api)))

const page = Effect.flatMap(HttpApi.Api, (api) =>
  Effect.flatMap(
    Effect.promise(() => import("./DocsPage.js")),
    ({ renderPage }) => renderPage(api)
  )
)

export const DocsLive = HttpApiBuilder.Router.use((router) =>
  Effect.gen(function* () {
    const api = yield* HttpApi.Api
    yield* router.get("/openapi.json", yield* Effect.cached(document))
    yield* router.get("/docs", yield* Effect.cached(Effect.provideService(page, HttpApi.Api, api)))
  })
)
