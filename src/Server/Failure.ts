import { HttpApiError, HttpServerError, type HttpServerRequest } from "@effect/platform"
import { SqlError } from "@effect/sql/SqlError"
import { Cause, Chunk, Effect, Option, Predicate } from "effect"
import { isUnavailable, unavailable } from "../Database/Failure.js"
import { type ApiError, InternalError, InvalidRequest, NotFound, PayloadTooLarge } from "../Domain/Errors.js"
import { isApiError } from "./ErrorResponse.js"
import { isHandled } from "./Handled.js"

/** What a client is told of a failure that no handler gave a shape to. */

const internal = new InternalError({
  message: "The service failed; the X-Request-Id header of this answer finds the cause in its log"
})

const invalidRequest = (error: HttpApiError.HttpApiDecodeError): InvalidRequest => {
  const issues = error.issues.map(({ message, path }) => ({
    path: path.map(String).join(".") || "body",
    message: message === "is missing" || message === "Expected string, actual undefined" ? "is missing" : message
  }))
  return new InvalidRequest({
    message: `The request is not valid: ${issues.map(({ message, path }) => `${path} ${message}`).join("; ")}`,
    issues
  })
}

const isTooLarge = (error: HttpServerError.RequestError) =>
  Predicate.isRecord(error.cause) && String(error.cause.message ?? error.cause.cause).includes("maxBytes")

const invalidBody = (message: string) =>
  new InvalidRequest({ message: `The body ${message}`, issues: [{ path: "body", message }] })

/** Every error of a cause, expected ones and defects alike: a lost connection in a transaction comes as a defect. */
const errorsOf = (cause: Cause.Cause<unknown>): ReadonlyArray<unknown> => [
  ...Chunk.toReadonlyArray(Cause.failures(cause)),
  ...Chunk.toReadonlyArray(Cause.defects(cause))
]

const explain = (error: unknown, request: HttpServerRequest.HttpServerRequest): Option.Option<ApiError> => {
  if (isApiError(error)) return Option.some(error)
  if (error instanceof SqlError && isUnavailable(error)) return Option.some(unavailable)
  if (error instanceof HttpApiError.HttpApiDecodeError && !isHandled(request)) return Option.some(invalidRequest(error))
  if (error instanceof HttpServerError.RouteNotFound) return Option.some(new NotFound({ message: "No such route" }))
  if (error instanceof HttpServerError.RequestError && !isHandled(request)) {
    return Option.some(
      isTooLarge(error) ? new PayloadTooLarge({ message: "The body is over 64 KiB" }) : invalidBody("is not valid JSON")
    )
  }
  // JSON nested deeper than the stack goes.
  if (error instanceof RangeError && !isHandled(request)) return Option.some(invalidBody("is nested too deep"))
  return Option.none()
}

/** The error to answer with; what nobody foresaw is logged here, once, and answered as a 500 that tells nothing. */
export const toApiError = (
  cause: Cause.Cause<unknown>,
  request: HttpServerRequest.HttpServerRequest
): Effect.Effect<ApiError> => {
  for (const error of errorsOf(cause)) {
    const known = explain(error, request)
    if (Option.isSome(known)) return Effect.succeed(known.value)
  }
  return Effect.as(Effect.logError("A request failed", cause), internal)
}
