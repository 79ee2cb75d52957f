import { HttpApiError, HttpServerError } from "@effect/platform"
import { SqlError } from "@effect/sql/SqlError"
import { Cause, Chunk, Effect, ParseResult } from "effect"
import { isUnavailable, unavailable } from "../Database/Failure.js"
import { type ApiError, InvalidRequest } from "../Domain/Errors.js"
import { internal, isApiError } from "./ErrorResponse.js"
import { notFound } from "./Guards.js"
import type { RequestRecord } from "./RequestRecord.js"

/** What a client is told of a failure that no handler gave a shape to. */

/** A schema that has no words of its own quotes the value that came: that goes, since a value may be long or a secret. */
const inOurWords = (path: string, message: string): string =>
  !/\bactual /.test(message)
    ? message
    : /\bactual undefined$/.test(message)
      ? "is missing"
      : path === "body"
        ? "must be a JSON object"
        : "is not what this route takes"

const invalidRequest = (given: ReadonlyArray<{ readonly path: string; readonly message: string }>): InvalidRequest => {
  const issues = given.map(({ message, path }) => ({ path, message: inOurWords(path, message) }))
  return new InvalidRequest({
    message: `The request is not valid: ${issues.map(({ message, path }) => `${path} ${message}`).join("; ")}`,
    issues
  })
}

const decodeIssues = (error: HttpApiError.HttpApiDecodeError) =>
  error.issues.map(({ message, path }) => ({ path: path.map(String).join(".") || "body", message }))

const tooDeep = invalidRequest([{ path: "body", message: "is nested too deep" }])

/** Every error of a cause, expected ones and defects alike: a lost connection in a transaction comes as a defect. */
const errorsOf = (cause: Cause.Cause<unknown>): ReadonlyArray<unknown> => [
  ...Chunk.toReadonlyArray(Cause.failures(cause)),
  ...Chunk.toReadonlyArray(Cause.defects(cause))
]

const explain = (error: unknown, { isDecoded }: RequestRecord): ApiError | undefined => {
  if (isApiError(error)) return error
  if (error instanceof SqlError && isUnavailable(error)) return unavailable
  if (error instanceof HttpServerError.RouteNotFound) return notFound
  if (isDecoded) return undefined
  if (error instanceof HttpApiError.HttpApiDecodeError) return invalidRequest(decodeIssues(error))
  // JSON nested deeper than the stack goes.
  return error instanceof RangeError ? tooDeep : undefined
}

/** An error whose text says where something did not fit its schema, and what was expected, but not what was there. */
class Mismatch extends Error {
  override readonly name = "Mismatch"
}

const mismatch = (issues: ReadonlyArray<{ readonly path: ReadonlyArray<PropertyKey>; readonly message: string }>) =>
  new Mismatch(
    issues
      .map(
        ({ message, path }) => `at ${path.map(String).join(".") || "(root)"}: ${message.replace(/,? actual .*$/s, "")}`
      )
      .join("; ")
  )

/**
 * The cause as it may be logged: a schema's own error quotes the value that did not fit, and that may be somebody's
 * access key.
 */
const withoutData = (error: unknown): unknown => {
  if (ParseResult.isParseError(error)) return mismatch(ParseResult.ArrayFormatter.formatErrorSync(error))
  if (error instanceof HttpApiError.HttpApiDecodeError) return mismatch(error.issues)
  return error
}

const loggable = (cause: Cause.Cause<unknown>): Cause.Cause<unknown> =>
  Cause.match<Cause.Cause<unknown>, unknown>(cause, {
    onEmpty: Cause.empty,
    onFail: (error) => Cause.fail(withoutData(error)),
    onDie: (defect) => Cause.die(withoutData(defect)),
    onInterrupt: (fiberId) => Cause.interrupt(fiberId),
    onSequential: (left, right) => Cause.sequential(left, right),
    onParallel: (left, right) => Cause.parallel(left, right)
  })

/** The error to answer with; what nobody foresaw is logged here, once, and answered as a 500 that tells nothing. */
export const toApiError = (cause: Cause.Cause<unknown>, record: RequestRecord): Effect.Effect<ApiError> => {
  for (const error of errorsOf(cause)) {
    const known = explain(error, record)
    if (known !== undefined) return Effect.succeed(known)
  }
  return Effect.as(Effect.logError("A request failed", loggable(cause)), internal)
}
