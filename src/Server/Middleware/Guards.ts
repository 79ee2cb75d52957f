import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import * as Effect from "effect/Effect"
import { type ApiError, MethodNotAllowed, UnsupportedMediaType } from "../../Domain/Errors.js"
import type { Route, Routes } from "../Routes.js"
import { bodyTooLarge, MAX_BODY_BYTES, mayHaveBody } from "./Body.js"
import { notFound } from "./Errors.js"
import { invalidRequest } from "./InvalidRequests.js"
import { type Middleware, withRequest } from "./Middleware.js"

/** What a request's head alone shows to be wrong, in the order in which it is told. */

const hostMissing = invalidRequest([{ path: "Host", message: "is missing" }])
const notJson = new UnsupportedMediaType({ message: "Send the body as JSON, with Content-Type: application/json" })
const compressed = new UnsupportedMediaType({ message: "Send the body as it is, without Content-Encoding" })

/** JSON is UTF-8 (RFC 8259, 8.1), whether the type says so or says nothing. */
const isJson = (contentType: string): boolean =>
  /^\s*application\/json\s*(;|$)/i.test(contentType) && !/;\s*charset\s*=\s*"?(?!utf-?8\b)/i.test(contentType)

const refuseBody = (request: HttpServerRequest.HttpServerRequest): ApiError | undefined => {
  const { headers } = request
  if (Number(headers["content-length"] ?? 0) > MAX_BODY_BYTES) return bodyTooLarge
  if (!mayHaveBody(request)) return undefined
  if (!isJson(headers["content-type"] ?? "")) return notJson
  return /^(identity)?$/i.test((headers["content-encoding"] ?? "").trim()) ? undefined : compressed
}

/** HTTP/1.0 knows no Host, and load balancers' probes still speak it. */
const mustNameHost = (request: HttpServerRequest.HttpServerRequest): boolean =>
  NodeHttpServerRequest.toIncomingMessage(request).httpVersion !== "1.0"

const refusalOf = (request: HttpServerRequest.HttpServerRequest, route: Route | undefined): ApiError | undefined => {
  if (request.headers.host === undefined && mustNameHost(request)) return hostMissing
  if (route === undefined) return notFound
  if (!route.methods.has(request.method)) {
    return new MethodNotAllowed({ message: `This route does not take ${request.method}; it takes ${route.allow}` })
  }
  return refuseBody(request)
}

/** Refuses what can't be answered. */
export const guards =
  (routes: Routes): Middleware =>
  (app) =>
    withRequest((request, { route }) => {
      const refusal = refusalOf(request, routes.of(route))
      return refusal === undefined ? app : Effect.fail(refusal)
    })
