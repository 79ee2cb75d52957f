import { SqlError } from "@effect/sql/SqlError"
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as ParseResult from "effect/ParseResult"
import { isUnavailable, unavailable } from "../Database/Failure.js"
import type { ApiError } from "../Domain/Errors.js"
import { internal, isApiError } from "./ErrorResponse.js"

/** What a client is told of a failure that no handler gave a shape to. */

/** Every error of a cause, expected ones and defects alike: a lost connection in a transaction comes as a defect. */
const errorsOf = (cause: Cause.Cause<unknown>): ReadonlyArray<unknown> => [
  ...Chunk.toReadonlyArray(Cause.failures(cause)),
  ...Chunk.toReadonlyArray(Cause.defects(cause))
]

const explain = (error: unknown): ApiError | undefined => {
  if (isApiError(error)) return error
  return error instanceof SqlError && isUnavailable(error) ? unavailable : undefined
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
const withoutData = (error: unknown): unknown =>
  ParseResult.isParseError(error) ? mismatch(ParseResult.ArrayFormatter.formatErrorSync(error)) : error

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
export const toApiError = (cause: Cause.Cause<unknown>): Effect.Effect<ApiError> => {
  for (const error of errorsOf(cause)) {
    const known = explain(error)
    if (known !== undefined) return Effect.succeed(known)
  }
  return Effect.as(Effect.logError("A request failed", loggable(cause)), internal)
}
