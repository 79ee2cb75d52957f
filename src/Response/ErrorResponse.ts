import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Schema from "effect/Schema"
import type { RateLimit } from "../Domain/CurrentRequest.js"
import { ApiError, InternalError, NotReady, TooManyRequests } from "../Domain/Errors.js"
import { MAX_ATTEMPTS, MAX_FAILED } from "../Domain/LoginLimits.js"
import { text } from "./Respond.js"

/** Seconds after which a client may try again when the database was away, or the service full. */
const RETRY_AFTER = "1"

const WWW_AUTHENTICATE = 'Bearer realm="api", tma realm="api"'

const statuses = new Map(
  ApiError.members.map((member) => [member._tag, HttpApiSchema.getStatusErrorAST(member.ast)] as const)
)

const encode = Schema.encodeSync(ApiError)
// It has the tag of another, and more members.
const encodeNotReady = Schema.encodeSync(NotReady)

export const statusOf = (error: ApiError): number => statuses.get(error._tag) ?? 500

/** What stands in the body: the tag and the message first, for whoever reads it by eye. */
export const errorBody = (error: ApiError): object => {
  const { _tag, message, ...more } = error instanceof NotReady ? encodeNotReady(error) : encode(error)
  return { _tag, message, ...more }
}

/** An error as every client sees it: JSON with `_tag` and `message`. Its headers are added with all others. */
export const errorResponse = (error: ApiError): HttpServerResponse.HttpServerResponse =>
  text(JSON.stringify(errorBody(error)), "application/json", statusOf(error))

const RATE_LIMIT_POLICY = `${MAX_FAILED};w=60;comment="failed attempts", ${MAX_ATTEMPTS};w=60;comment="attempts"`

/**
 * The fields of the IETF's draft-ietf-httpapi-ratelimit-headers, to its seventh version, which clients know: the limit that will
 * be met first, and the policy, which names both.
 */
export const rateLimitHeaders = ({ limit, remaining, reset }: RateLimit) => ({
  "ratelimit-limit": String(limit),
  "ratelimit-remaining": String(remaining),
  "ratelimit-reset": String(reset),
  "ratelimit-policy": RATE_LIMIT_POLICY
})

/** The headers that go with an error, whoever wrote its body. */
export const errorHeaders = (error: { readonly _tag: string }): Readonly<Record<string, string>> => {
  switch (error._tag) {
    case "Unauthorized":
    case "InitDataExpired":
    case "TokenExpired":
      return { "www-authenticate": WWW_AUTHENTICATE }
    case "ServiceUnavailable":
      return { "retry-after": RETRY_AFTER }
    default:
      return error instanceof TooManyRequests ? { "retry-after": String(error.retry_after) } : {}
  }
}

export const isApiError: (error: unknown) => error is ApiError = Schema.is(ApiError)

export const internal = new InternalError({
  message: "The service failed; the X-Request-Id header of this answer finds the cause in its log"
})
