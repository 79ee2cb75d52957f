import { createHash } from "node:crypto"
import * as Etag from "@effect/platform/Etag"
import * as HttpApi from "@effect/platform/HttpApi"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Effect from "effect/Effect"
import { text } from "../../Response/Respond.js"
import { DOCS_ALIAS, DOCS_PATH, DOCUMENT_PATH, ENTRANCE_PATH } from "../Routes.js"

/** With what its text is known by, so that a browser asks whether it is still the same, and is sent it once. */
const fixed = (body: string, contentType: string) =>
  HttpServerResponse.setHeader(
    text(body, contentType),
    "etag",
    Etag.toString({ _tag: "Weak", value: createHash("sha256").update(body).digest("base64url") })
  )

/** Made when somebody first asks, and kept. Whoever asked first may go away, and others wait for the same. */
const once = <A, E, R>(make: Effect.Effect<A, E, R>) => Effect.cached(Effect.uninterruptible(make))

/**
 * The OpenAPI document and its page, made when somebody first asks: few do, and a service that starts has others to
 * serve. The page brings a megabyte of script, which is not even read from disk before: `import` puts it into a file of
 * its own (tools/build.mjs). Who opens the service by its bare address is led to the page.
 */
export const DocsLive = HttpApiBuilder.Router.use((router) =>
  Effect.gen(function* () {
    const { api } = yield* HttpApi.Api
    const context = yield* Effect.context<HttpApi.Api>()
    const document = yield* once(Effect.sync(() => fixed(JSON.stringify(OpenApi.fromApi(api)), "application/json")))
    const page = yield* once(
      Effect.promise(() => import("./DocsPage.js")).pipe(
        Effect.flatMap(({ renderPage }) => Effect.provide(renderPage, context)),
        Effect.map((html) => fixed(html, "text/html; charset=utf-8"))
      )
    )
    yield* router.get(DOCUMENT_PATH, document)
    yield* router.get(DOCS_PATH, page)
    yield* router.get(DOCS_ALIAS, page)
    // Without its length node would send the nothing in it by chunks.
    yield* router.get(ENTRANCE_PATH, HttpServerResponse.redirect(DOCS_PATH, { headers: { "content-length": "0" } }))
  })
)
