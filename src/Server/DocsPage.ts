import * as HttpApi from "@effect/platform/HttpApi"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
// Not by the package's index: the build puts what is imported so into a file of its own, read when this module is.
import * as HttpApiSwagger from "@effect/platform/HttpApiSwagger"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Api } from "../Api.js"

const PATH = "/docs"

// The platform's type of any API does not take one whose groups it knows by name; its own layers cast it too.
const api = { api: Api as unknown as typeof HttpApi.Api.Service.api, context: Context.empty() }

/** The platform gives its Swagger page as a route only; so it is asked for it once, over a router of its own. */
export const renderPage: Effect.Effect<string> = Effect.gen(function* () {
  const router = yield* HttpApiBuilder.Router
  const response = yield* Effect.provideService(
    yield* router.router,
    HttpServerRequest.HttpServerRequest,
    HttpServerRequest.fromWeb(new Request(`http://localhost${PATH}`))
  )
  return yield* Effect.promise(() => HttpServerResponse.toWeb(response).text())
}).pipe(
  Effect.provide(
    HttpApiSwagger.layer({ path: PATH }).pipe(
      Layer.provideMerge(HttpApiBuilder.Router.Live),
      Layer.provide(Layer.succeed(HttpApi.Api, api)),
      Layer.merge(NodeHttpServer.layerContext)
    )
  ),
  Effect.orDie
)
