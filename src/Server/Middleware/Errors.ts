import * as HttpApi from "@effect/platform/HttpApi"
import type * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as HttpServerError from "@effect/platform/HttpServerError"
import { SqlError } from "@effect/sql/SqlError"
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as HashSet from "effect/HashSet"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"
import { isUnavailable, unavailable } from "../../Database/Failure.js"
import { type ApiError, NotFound } from "../../Domain/Errors.js"
import { errorResponse, internal, isApiError } from "../../Response/ErrorResponse.js"
import { type Middleware, withRequest } from "./Middleware.js"

/** What a client is told of whatever went wrong. */

type Tagged = { readonly _tag: string }

const isTagged = (error: unknown): error is Tagged =>
  Predicate.hasProperty(error, "_tag") && Predicate.isString(error._tag)

export const notFound = new NotFound({ message: "No such route; /docs lists them" })

/** The client went away: nobody is there to be told anything. */
export const isClientGone = (cause: Cause.Cause<unknown>): cause is Cause.Cause<never> =>
  Cause.isInterruptedOnly(cause) && HashSet.has(Cause.interruptors(cause), HttpServerError.clientAbortFiberId)

/** Every error of a cause, expected ones and defects alike: a lost connection in a transaction comes as a defect. */
const errorsOf = (cause: Cause.Cause<unknown>): ReadonlyArray<unknown> => [
  ...Chunk.toReadonlyArray(Cause.failures(cause)),
  ...Chunk.toReadonlyArray(Cause.defects(cause))
]

const explain = (error: unknown): ApiError | undefined => {
  if (isApiError(error)) return error
  if (error instanceof HttpServerError.RouteNotFound) return notFound
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

/** Whether it is an error that the Api declares, on whichever endpoint, beside those of src/Domain/Errors.ts. */
const declaredBy = <Id extends string, Groups extends HttpApiGroup.HttpApiGroup.Any, E, R>(
  api: HttpApi.HttpApi<Id, Groups, E, R>
): ((error: unknown) => error is Tagged) => {
  const asts = new Set<SchemaAST.AST>()
  HttpApi.reflect(api, {
    onGroup: () => {},
    onEndpoint: ({ errors }) => {
      for (const { ast } of errors.values()) if (Option.isSome(ast)) asts.add(ast.value)
    }
  })
  const schemas = Array.from(asts, (ast) => Schema.is(Schema.make(ast)))
  return (error): error is Tagged => isTagged(error) && !isApiError(error) && schemas.some((is) => is(error))
}

/** The error to answer with. What nobody foresaw is logged here, once, and is a 500 that tells nothing. */
export const toApiError = (cause: Cause.Cause<unknown>): Effect.Effect<ApiError> => {
  for (const error of errorsOf(cause)) {
    const known = explain(error)
    if (known !== undefined) return Effect.succeed(known)
  }
  return Effect.as(Effect.logError("A request failed", loggable(cause)), internal)
}

/** Notes the error for the log line and the headers, and responds to it, unless it is the builder's to encode. */
const respond =
  (isForBuilder: (error: unknown) => error is Tagged): Middleware =>
  (app) =>
    withRequest((_, current) =>
      Effect.catchAllCause(app, (cause) => {
        if (isClientGone(cause)) return Effect.failCause(cause)
        const error = errorsOf(cause).find(isForBuilder)
        if (error !== undefined) {
          current.error = error
          return Effect.fail(error)
        }
        return Effect.map(toApiError(cause), (error) => {
          current.error = error
          return errorResponse(error)
        })
      })
    )

/** Whatever goes wrong becomes a response. Where the client is gone, nobody gets one. */
export const errorResponses: Middleware = respond((_): _ is Tagged => false)

/**
 * The same inside the builder. It encodes each error that the Api declares, with its status; of ours, each that goes wrong
 * before the builder has to look the same.
 */
export const endpointErrors = <Id extends string, Groups extends HttpApiGroup.HttpApiGroup.Any, E, R>(
  api: HttpApi.HttpApi<Id, Groups, E, R>
): Middleware => respond(declaredBy(api))
