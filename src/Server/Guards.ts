import { type ApiError, InvalidRequest, MethodNotAllowed, NotFound, UnsupportedMediaType } from "../Domain/Errors.js"
import { bodyTooLarge, MAX_BODY_BYTES } from "./Body.js"
import type { ServerRequest } from "./ServerRequest.js"

/** What a request's head alone shows to be wrong, in the order in which it is told. */

export const notFound = new NotFound({ message: "No such route; /docs lists them" })
const hostMissing = new InvalidRequest({
  message: "The request is not valid: the Host header is missing",
  issues: [{ path: "Host", message: "is missing" }]
})
const notJson = new UnsupportedMediaType({ message: "Send the body as JSON, with Content-Type: application/json" })
const compressed = new UnsupportedMediaType({ message: "Send the body as it is, without Content-Encoding" })

export const hasBody = ({ headers }: ServerRequest): boolean =>
  headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0

/** JSON is UTF-8 (RFC 8259, 8.1), whether the type says so or says nothing. */
const isJson = (contentType: string): boolean =>
  /^\s*application\/json\s*(;|$)/i.test(contentType) && !/;\s*charset\s*=\s*"?(?!utf-?8\b)/i.test(contentType)

const refuseBody = (request: ServerRequest): ApiError | undefined => {
  const { headers } = request
  if (Number(headers["content-length"] ?? 0) > MAX_BODY_BYTES) return bodyTooLarge
  // A POST without any body is judged as one whose type is missing, so that it learns what to send.
  if (!hasBody(request) && request.method !== "POST") return undefined
  if (!isJson(headers["content-type"] ?? "")) return notJson
  return /^(identity)?$/i.test((headers["content-encoding"] ?? "").trim()) ? undefined : compressed
}

/** HTTP/1.0 knows no Host, and load balancers' probes still speak it. */
const mustNameHost = ({ source }: ServerRequest): boolean => source.httpVersion !== "1.0"

/** The refusal of a request that can't be answered, or undefined where it may go on. */
export const refusalOf = (request: ServerRequest): ApiError | undefined => {
  if (request.headers.host === undefined && mustNameHost(request)) return hostMissing
  const { route } = request
  if (route === undefined) return notFound
  if (!route.methods.has(request.method)) {
    return new MethodNotAllowed({ message: `This route does not take ${request.method}; it takes ${route.allow}` })
  }
  return refuseBody(request)
}
