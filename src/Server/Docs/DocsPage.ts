import type * as HttpApi from "@effect/platform/HttpApi"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpApiSwagger from "@effect/platform/HttpApiSwagger"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { DOCS_PATH } from "../Routes.js"
import { script, style } from "./PageAdditions.js"

/** The platform gives its Swagger page as a route only; so it is asked for it once, over a router of its own. */
const platformsPage: Effect.Effect<string, never, HttpApi.Api> = Effect.gen(function* () {
  const router = yield* HttpApiBuilder.Router
  const response = yield* Effect.provideService(
    yield* router.router,
    HttpServerRequest.HttpServerRequest,
    HttpServerRequest.fromWeb(new Request(`http://localhost${DOCS_PATH}`))
  )
  return yield* Effect.promise(() => HttpServerResponse.toWeb(response).text())
}).pipe(
  Effect.provide(
    HttpApiSwagger.layer({ path: DOCS_PATH }).pipe(
      Layer.provideMerge(HttpApiBuilder.Router.Live),
      Layer.merge(NodeHttpServer.layerContext)
    )
  ),
  Effect.orDie
)

/** Puts a part of a page before the last place of this tag: the script that comes with the page has such tags in it too. */
const before = (page: string, tag: string, part: string): string => {
  const at = page.lastIndexOf(tag)
  return page.slice(0, at) + part + page.slice(at)
}

/** The page with what is our own: a dark scheme, addresses of operations, credentials that outlive a reload. */
export const renderPage: Effect.Effect<string, never, HttpApi.Api> = Effect.map(platformsPage, (page) =>
  before(page, "</body>", `<style>${style}</style><script>${script}</script>`)
)
