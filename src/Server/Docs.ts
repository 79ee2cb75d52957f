import * as OpenApi from "@effect/platform/OpenApi"
import * as Effect from "effect/Effect"
import { Api } from "../Api.js"
import { json, text } from "./Answer.js"

/**
 * The OpenAPI document and its page, made when somebody first asks: few do, and a service that starts has others to
 * serve. The page brings a megabyte of script, which is not even read from disk before.
 */
const document = Effect.sync(() => json(JSON.stringify(OpenApi.fromApi(Api))))

const page = Effect.flatMap(
  Effect.promise(() => import("./DocsPage.js")),
  ({ renderPage }) => Effect.map(renderPage, (html) => text("text/html", html))
)

/** By route. */
export const documents = Effect.all({ "/openapi.json": Effect.cached(document), "/docs": Effect.cached(page) })
