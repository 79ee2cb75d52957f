import { randomUUID } from "node:crypto"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Effect from "effect/Effect"
import { CurrentRequest, type RequestInfo } from "../../Domain/CurrentRequest.js"
import type { Routes } from "../Routes.js"
import type { Middleware } from "./Middleware.js"

/** `GET http://host/path`, which a server must take (RFC 9112, 3.2.2), as `GET /path`. */
const originForm = (url: string): string =>
  url.startsWith("/") ? url : url.replace(/^https?:\/\/[^/?#]*/i, "").replace(/^(?=[?#]|$)/, "/")

const decodes = (segment: string): boolean => {
  try {
    decodeURIComponent(segment)
    return true
  } catch {
    return false
  }
}

/**
 * The path with what is no percent-encoding, and with semicolons, taken literally. To the platform's router such a path
 * would be an unknown one, where a parameter in it is wrong.
 */
const readable = (path: string): string =>
  /[%;]/.test(path)
    ? path
        .split("/")
        .map((segment) => (decodes(segment) ? segment.replaceAll(";", "%3B") : encodeURIComponent(segment)))
        .join("/")
    : path

/** Gives the request its id, its start and its route, and puts its target into the form that the router reads. */
export const requestContext =
  (routes: Routes): Middleware =>
  (app) =>
    Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => {
      const url = originForm(request.url)
      const end = url.search(/[?#]/)
      const path = end < 0 ? url : url.slice(0, end)
      const current: RequestInfo = {
        id: randomUUID(),
        method: request.method,
        route: routes.match(path)?.template,
        startedAt: performance.now(),
        admin: undefined,
        error: undefined
      }
      const known = Effect.provideService(app, CurrentRequest, current)
      const target = readable(path) + url.slice(path.length)
      return target === request.url
        ? known
        : Effect.provideService(known, HttpServerRequest.HttpServerRequest, request.modify({ url: target }))
    })
