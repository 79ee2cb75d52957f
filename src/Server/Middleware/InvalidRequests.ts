import * as HttpApiError from "@effect/platform/HttpApiError"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { InvalidRequest, type Issue } from "../../Domain/Errors.js"
import type { Middleware } from "./Middleware.js"

/** Everything that is wrong with a request, in one form: the message says it all, `issues` name each. */
export const invalidRequest = (issues: ReadonlyArray<Issue>): InvalidRequest =>
  new InvalidRequest({
    message: `The request is not valid: ${issues.map(({ message, path }) => `${path} ${message}`).join("; ")}`,
    issues
  })

/** A schema that has no words of its own quotes the value that came. That goes: it may be long, or a secret. */
const inOurWords = (path: string, message: string): string =>
  !/\bactual /.test(message)
    ? message
    : /\bactual undefined$/.test(message)
      ? "is missing"
      : path === "body"
        ? "must be a JSON object"
        : "is not what this route takes"

const fromDecodeError = ({ issues }: HttpApiError.HttpApiDecodeError): InvalidRequest =>
  invalidRequest(
    issues.map(({ message, path: names }) => {
      const path = names.map(String).join(".") || "body"
      return { path, message: inOurWords(path, message) }
    })
  )

/**
 * What the platform found when it decoded path, parameters, headers and payload; and a body that is no JSON, which it makes
 * a defect of.
 */
export const decodeErrors: Middleware = (app) =>
  Effect.catchSomeCause(app, (cause) => {
    const error = Cause.squash(cause)
    if (error instanceof HttpApiError.HttpApiDecodeError) return Option.some(Effect.fail(fromDecodeError(error)))
    return error instanceof InvalidRequest ? Option.some(Effect.fail(error)) : Option.none()
  })
