import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
import * as Schema from "effect/Schema"
import { MAX_ATTEMPTS, MAX_FAILED } from "../Auth/LoginLimit.js"
import { ApiError, InternalError, type TooManyRequests } from "../Domain/Errors.js"
import { type Answer, type FlatHeaders, flat, json } from "./Answer.js"

/** Seconds after which a client may try again when the database was away, or the service full. */
const RETRY_AFTER = "1"

const WWW_AUTHENTICATE = 'Bearer realm="api", tma realm="api"'

const statuses = new Map(
  ApiError.members.map((member) => [member._tag, HttpApiSchema.getStatusErrorAST(member.ast)] as const)
)

const encode = Schema.encodeSync(ApiError)

/** The fields of the IETF's draft-ietf-httpapi-ratelimit-headers: the limit that was met; the policy names both. */
const rateLimit = ({ limit, retry_after }: TooManyRequests) => ({
  "ratelimit-limit": String(limit),
  "ratelimit-remaining": "0",
  "ratelimit-reset": String(retry_after),
  "ratelimit-policy": `${MAX_FAILED};w=60;comment="failed attempts", ${MAX_ATTEMPTS};w=60;comment="attempts"`
})

const headersOf = (error: ApiError): FlatHeaders => {
  switch (error._tag) {
    case "Unauthorized":
    case "InitDataExpired":
    case "TokenExpired":
      return ["www-authenticate", WWW_AUTHENTICATE]
    case "TooManyRequests":
      return ["retry-after", String(error.retry_after), ...flat(rateLimit(error))]
    case "ServiceUnavailable":
      return ["retry-after", RETRY_AFTER]
    default:
      return []
  }
}

export const statusOf = (error: ApiError): number => statuses.get(error._tag) ?? 500

/** What stands in the body: the tag and the message first, for whoever reads it by eye. */
export const errorBody = (error: ApiError): object => {
  const { _tag, message, ...more } = encode(error)
  return { _tag, message, ...more }
}

/** An error as every client sees it: JSON with `_tag` and `message`, and the headers that go with its status. */
export const errorAnswer = (error: ApiError): Answer =>
  json(JSON.stringify(errorBody(error)), statusOf(error), headersOf(error))

export const isApiError: (error: unknown) => error is ApiError = Schema.is(ApiError)

export const internal = new InternalError({
  message: "The service failed; the X-Request-Id header of this answer finds the cause in its log"
})
