import type * as HttpApi from "@effect/platform/HttpApi"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpApiSwagger from "@effect/platform/HttpApiSwagger"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { DOCS_PATH } from "../Routes.js"

/** The platform gives its Swagger page as a route only; so it is asked for it once, over a router of its own. */
export const renderPage: Effect.Effect<HttpServerResponse.HttpServerResponse, never, HttpApi.Api> = Effect.gen(
  function* () {
    const router = yield* HttpApiBuilder.Router
    return yield* Effect.provideService(
      yield* router.router,
      HttpServerRequest.HttpServerRequest,
      HttpServerRequest.fromWeb(new Request(`http://localhost${DOCS_PATH}`))
    )
  }
).pipe(
  Effect.provide(
    HttpApiSwagger.layer({ path: DOCS_PATH }).pipe(
      Layer.provideMerge(HttpApiBuilder.Router.Live),
      Layer.merge(NodeHttpServer.layerContext)
    )
  ),
  Effect.orDie
)
