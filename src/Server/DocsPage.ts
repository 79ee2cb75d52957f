import { HttpApi, HttpApiBuilder, HttpServerRequest } from "@effect/platform"
// Not by the package's index: the build puts what is imported so into a file of its own, read when this module is.
import * as HttpApiSwagger from "@effect/platform/HttpApiSwagger"
import { Effect, Layer } from "effect"

const PATH = "/docs"

/** The platform gives its Swagger page as a route only; so it is asked for it once, over a router of its own. */
export const renderPage = (api: typeof HttpApi.Api.Service) =>
  Effect.gen(function* () {
    const router = yield* HttpApiBuilder.Router
    return yield* Effect.provideService(
      yield* router.router,
      HttpServerRequest.HttpServerRequest,
      HttpServerRequest.fromWeb(new Request(`http://localhost${PATH}`))
    )
  }).pipe(
    Effect.provide(
      HttpApiSwagger.layer({ path: PATH }).pipe(
        Layer.provideMerge(HttpApiBuilder.Router.Live),
        Layer.provide(Layer.succeed(HttpApi.Api, api))
      )
    ),
    Effect.orDie
  )
