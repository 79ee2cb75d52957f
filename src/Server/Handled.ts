import type { HttpServerRequest } from "@effect/platform"
import { Predicate } from "effect"

/**
 * Requests whose parameters were decoded. The platform reports an answer of ours that does not fit its schema as if the
 * client's request had been wrong; this tells the two apart (src/Server/Failure.ts).
 */
const decoded = new WeakSet<object>()

/** What stays the same while the platform wraps a request again and again. */
export const identityOf = ({ source }: HttpServerRequest.HttpServerRequest): object =>
  Predicate.isObject(source) ? source : decoded

/** Wraps a handler: it runs only once the request is decoded. */
export const handled =
  <Input extends { readonly request: HttpServerRequest.HttpServerRequest }, Output>(
    handler: (input: Input) => Output
  ) =>
  (input: Input): Output => {
    decoded.add(identityOf(input.request))
    return handler(input)
  }

export const isHandled = (request: HttpServerRequest.HttpServerRequest): boolean => decoded.has(identityOf(request))
