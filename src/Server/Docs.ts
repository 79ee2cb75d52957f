import { HttpApiBuilder, HttpApiSwagger, HttpServerResponse, OpenApi } from "@effect/platform"
import { Layer } from "effect"
import { Api } from "../Api.js"

/** The OpenAPI document and its page, both made once. */
const DocumentLive = HttpApiBuilder.Router.use((router) =>
  router.get("/openapi.json", HttpServerResponse.unsafeJson(OpenApi.fromApi(Api)))
)

export const DocsLive = Layer.merge(DocumentLive, HttpApiSwagger.layer({ path: "/docs" }))
