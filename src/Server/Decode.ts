import { parse as parseQuery } from "node:querystring"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { InvalidRequest } from "../Domain/Errors.js"
import { parseBody } from "./Body.js"
import { parametersOf } from "./Routes.js"
import type { ServerRequest } from "./ServerRequest.js"

/** What a handler is given of a request: its parameters and body, decoded by the endpoint's schemas. */

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

const tooDeep = invalidRequest([{ path: "body", message: "is nested too deep" }])

const refusalFor = (error: ParseResult.ParseError): InvalidRequest =>
  invalidRequest(
    ParseResult.ArrayFormatter.formatErrorSync(error).map(({ message, path }) => ({
      path: path.map(String).join(".") || "body",
      message
    }))
  )

type Decode = (request: ServerRequest) => Either.Either<unknown, InvalidRequest>

/** `read` gives what came, `schema` says what it must be. */
const decoder = (schema: Schema.Schema.All, read: Decode): Decode => {
  const decode = Schema.decodeUnknownEither(schema as Schema.Schema<unknown, unknown>)
  return (request) => {
    const given = read(request)
    if (Either.isLeft(given)) return given
    try {
      return Either.mapLeft(decode(given.right), refusalFor)
    } catch (error) {
      // JSON that is nested deeper than the stack goes.
      if (error instanceof RangeError) return Either.left(tooDeep)
      throw error
    }
  }
}

/** Every parameter, however many came: the ones that count may be the last. */
const query: Decode = ({ search }) => Either.right(parseQuery(search, "&", "=", { maxKeys: 0 }))

const path: Decode = (request) =>
  Either.right(request.route === undefined ? {} : parametersOf(request.route, request.path))

/** The schemas of what a request brings, as an endpoint declares them. */
export interface InputSchemas {
  readonly pathSchema: Option.Option<Schema.Schema.All>
  readonly payloadSchema: Option.Option<Schema.Schema.All>
  readonly urlParamsSchema: Option.Option<Schema.Schema.All>
}

/** Gives `path`, `payload` and `urlParams`, where the endpoint has such, and the request itself. */
export const decoderOf = ({ pathSchema, payloadSchema, urlParamsSchema }: InputSchemas): Decode => {
  const parts = [
    ["path", pathSchema, path],
    ["payload", payloadSchema, parseBody],
    ["urlParams", urlParamsSchema, query]
  ] as const
  const decoders = parts.flatMap(([name, schema, read]) =>
    Option.match(schema, { onNone: () => [], onSome: (schema) => [[name, decoder(schema, read)] as const] })
  )
  return (request) => {
    const input: Record<string, unknown> = { request }
    for (const [name, decode] of decoders) {
      const part = decode(request)
      if (Either.isLeft(part)) return part
      input[name] = part.right
    }
    return Either.right(input)
  }
}
