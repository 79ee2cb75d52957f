import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpMiddleware from "@effect/platform/HttpMiddleware"
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { ClientAddress } from "../Auth/Login/ClientAddress.js"
import { DocsLive } from "./Docs/Docs.js"
import * as Listening from "./Listening/Listening.js"
import { pipeline } from "./Pipeline.js"

/** Paths match exactly, as src/Server/Routes.ts has it, and a parameter may be as long as a request's line. */
const RouterConfigLive = HttpRouter.setRouterConfig({
  caseSensitive: true,
  ignoreTrailingSlash: false,
  ignoreDuplicateSlashes: false,
  maxParamLength: 16 * 1024
})

/**
 * Serves the Api that is provided (`HttpApiBuilder.api`), and its documentation. The platform's own span is never made: it
 * would tell too much, and cost even where nobody listens (src/Server/Middleware/RequestSpan.ts).
 */
export const ServerLive = Layer.scopedDiscard(Effect.flatMap(pipeline, Listening.serve)).pipe(
  HttpMiddleware.withTracerDisabledWhen(() => true),
  Layer.provide([DocsLive, ClientAddress.Default]),
  Layer.provide([HttpApiBuilder.Router.Live, HttpApiBuilder.Middleware.layer]),
  Layer.provide(RouterConfigLive)
)
