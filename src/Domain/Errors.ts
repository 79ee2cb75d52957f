import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
import * as Schema from "effect/Schema"

/**
 * Every error that the API answers with, in one place (section 7 of the contract): the tag is what a client branches on,
 * the message is what a person acts on, the status is the annotation.
 */

const message = Schema.String.annotations({ description: "What is wrong and what to do, for a person" })

const status = <A>(code: number, description: string) => HttpApiSchema.annotations<A>({ status: code, description })

export const Issue = Schema.Struct({
  path: Schema.String.annotations({ description: "The parameter or field", examples: ["start_date"] }),
  message: Schema.String.annotations({ description: "What is wrong with it" })
}).annotations({ identifier: "ValidationIssue" })
export type Issue = typeof Issue.Type

export class InvalidRequest extends Schema.TaggedError<InvalidRequest>()(
  "InvalidRequest",
  { message, issues: Schema.Array(Issue) },
  status(400, "A parameter or the body is wrong; `issues` names each")
) {}

/** Everything that is wrong with a request, in one wording: the message says it all, `issues` name each. */
export const invalidRequest = (issues: ReadonlyArray<Issue>): InvalidRequest =>
  new InvalidRequest({
    message: `The request is not valid: ${issues.map(({ message, path }) => `${path} ${message}`).join("; ")}`,
    issues
  })

export class Unauthorized extends Schema.TaggedError<Unauthorized>()(
  "Unauthorized",
  { message },
  status(401, "No credentials, or bad ones; the message says which")
) {}

export class InitDataExpired extends Schema.TaggedError<InitDataExpired>()(
  "InitDataExpired",
  { message },
  status(401, "The initData is too old: relaunch the Mini App")
) {}

export class TokenExpired extends Schema.TaggedError<TokenExpired>()(
  "TokenExpired",
  { message },
  status(401, "The token is too old: log in again")
) {}

export class AccessDenied extends Schema.TaggedError<AccessDenied>()(
  "AccessDenied",
  { message },
  status(
    403,
    "Not this bot's admin, or no such bot: the answer does not tell which. `bot_id` is the `uid` of `GET /api/bots`, not Telegram's id of the bot"
  )
) {}

export class NotFound extends Schema.TaggedError<NotFound>()("NotFound", { message }, status(404, "No such route")) {}

export class MethodNotAllowed extends Schema.TaggedError<MethodNotAllowed>()(
  "MethodNotAllowed",
  { message },
  status(405, "The route exists for another method; `Allow` lists them")
) {}

export class PayloadTooLarge extends Schema.TaggedError<PayloadTooLarge>()(
  "PayloadTooLarge",
  { message },
  status(413, "The body is over 64 KiB")
) {}

export class HeadersTooLarge extends Schema.TaggedError<HeadersTooLarge>()(
  "HeadersTooLarge",
  { message },
  status(431, "The request's line and headers are over 16 KiB")
) {}

export class UnsupportedMediaType extends Schema.TaggedError<UnsupportedMediaType>()(
  "UnsupportedMediaType",
  { message },
  status(415, "The body is not JSON")
) {}

export class TooManyRequests extends Schema.TaggedError<TooManyRequests>()(
  "TooManyRequests",
  {
    message,
    limit: Schema.Int.annotations({ jsonSchema: { type: "integer", minimum: 1, description: "Attempts a minute" } }),
    retry_after: Schema.Int.annotations({ jsonSchema: { type: "integer", minimum: 1, description: "Seconds" } })
  },
  status(429, "Too many attempts to log in from this address; `Retry-After` says when to come back, in seconds")
) {}

export class InternalError extends Schema.TaggedError<InternalError>()(
  "InternalError",
  { message },
  status(500, "A fault of the service; `X-Request-Id` finds it in the log")
) {}

export class ServiceUnavailable extends Schema.TaggedError<ServiceUnavailable>()(
  "ServiceUnavailable",
  { message },
  status(
    503,
    "The database does not answer in time or is down, or the service is overloaded; `Retry-After` says when to try again, in seconds"
  )
) {}

/** Where figures come from, for operators: with the readiness, and with the lack of it. */
export const FIGURES_SOURCE = {
  figures: Schema.Literal("facts", "building", "rows").annotations({
    description:
      "Where figures come from: `facts`, tables of the service's own that follow the server's binary log; or each time from the bots' `rows`, because the server or the account's rights allow no more, or while facts are `building`. They are the same figures."
  }),
  reasons: Schema.Array(Schema.String).annotations({ description: "What is not as it should be, all at once" }),
  remedy: Schema.NullOr(Schema.String).annotations({ description: "What an administrator pastes to mend it" })
}

/** The answer of the probe: an error like any other 503, with what an operator needs. */
export class NotReady extends Schema.TaggedError<NotReady>("NotReady")(
  "ServiceUnavailable",
  { message, status: Schema.Literal("not ready"), ...FIGURES_SOURCE },
  status(503, "The service is not ready, or not any more")
) {}

/** The union in which the server finds an error of ours, whatever layer it comes from. */
export const ApiError = Schema.Union(
  InvalidRequest,
  Unauthorized,
  InitDataExpired,
  TokenExpired,
  AccessDenied,
  NotFound,
  MethodNotAllowed,
  PayloadTooLarge,
  HeadersTooLarge,
  UnsupportedMediaType,
  TooManyRequests,
  InternalError,
  NotReady,
  ServiceUnavailable
)
export type ApiError = typeof ApiError.Type
