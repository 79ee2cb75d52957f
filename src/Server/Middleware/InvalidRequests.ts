import type * as HttpApiError from "@effect/platform/HttpApiError"
import { InvalidRequest, type Issue } from "../../Domain/Errors.js"

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

/** What the platform found when it decoded path, parameters, headers and payload. */
export const fromDecodeError = ({ issues }: HttpApiError.HttpApiDecodeError): InvalidRequest =>
  invalidRequest(
    issues.map(({ message, path: names }) => {
      const path = names.map(String).join(".") || "body"
      return { path, message: inOurWords(path, message) }
    })
  )
