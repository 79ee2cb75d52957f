import * as HttpApi from "@effect/platform/HttpApi"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Effect from "effect/Effect"
import { json } from "../../Response/Respond.js"
import { DOCS_PATH, DOCUMENT_PATH } from "../Routes.js"

/**
 * The OpenAPI document and its page, made when somebody first asks: few do, and a service that starts has others to
 * serve. The page brings a megabyte of script, which is not even read from disk before: `import` puts it into a file of
 * its own (tools/build.mjs).
 */
export const DocsLive = HttpApiBuilder.Router.use((router) =>
  Effect.gen(function* () {
    const { api } = yield* HttpApi.Api
    const document = Effect.sync(() => json(JSON.stringify(OpenApi.fromApi(api))))
    const page = Effect.flatMap(
      Effect.promise(() => import("./DocsPage.js")),
      ({ renderPage }) => renderPage
    )
    const context = yield* Effect.context<HttpApi.Api>()
    yield* router.get(DOCUMENT_PATH, yield* Effect.cached(document))
    yield* router.get(DOCS_PATH, yield* Effect.cached(Effect.provide(page, context)))
  })
)
