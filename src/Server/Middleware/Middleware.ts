import type * as HttpApp from "@effect/platform/HttpApp"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { CurrentRequest, type RequestInfo } from "../../Domain/CurrentRequest.js"

/** One thing that every request goes through: an `HttpMiddleware` that asks for nothing more than the app that it wraps. */
export type Middleware = <R>(app: HttpApp.Default<unknown, R>) => HttpApp.Default<unknown, R>

/** All of them around an app; the first is the outermost. */
export const inOrder =
  (...middlewares: ReadonlyArray<Middleware>): Middleware =>
  (app) =>
    middlewares.reduceRight((inner, middleware) => middleware(inner), app)

/** The request, and what is known of it since `requestContext`. */
export const withRequest = <R>(
  use: (request: HttpServerRequest.HttpServerRequest, current: RequestInfo) => HttpApp.Default<unknown, R>
): HttpApp.Default<unknown, R> =>
  Effect.contextWithEffect((context: Context.Context<HttpServerRequest.HttpServerRequest | R>) => {
    const current = Context.get(context, CurrentRequest)
    if (current === undefined) return Effect.dieMessage("Nothing is known of the request: requestContext is missing")
    return use(Context.get(context, HttpServerRequest.HttpServerRequest), current)
  })
