import { randomUUID } from "node:crypto"
import { type IncomingMessage, STATUS_CODES } from "node:http"
import type { Duplex } from "node:stream"
import { type ApiError, HeadersTooLarge, InvalidRequest, MethodNotAllowed } from "../../Domain/Errors.js"
import { errorBody, statusOf } from "../../Response/ErrorResponse.js"

/** Responses to what node's parser refuses before there is a request: written by hand, in the shape of all our errors. */

interface Refusal {
  readonly status: number
  readonly body: unknown
  readonly headers?: ReadonlyArray<string>
}

const refusalFrom = (error: ApiError, headers: ReadonlyArray<string> = []): Refusal => ({
  status: statusOf(error),
  body: errorBody(error),
  headers
})

const headTooLarge = refusalFrom(new HeadersTooLarge({ message: "The request's line and headers are over 16 KiB" }))

const tooSlow: Refusal = {
  status: 408,
  body: { _tag: "RequestTimeout", message: "The request took too long to arrive; send it again" }
}

const noHttp = refusalFrom(
  new InvalidRequest({
    message: "This is no HTTP request that the service understands",
    issues: [{ path: "request", message: "is no valid HTTP" }]
  })
)

const noProxy = refusalFrom(new MethodNotAllowed({ message: "The service is no proxy: it does not take CONNECT" }), [
  "Allow: GET, HEAD, POST"
])

const refusalOf = (code: string | undefined): Refusal => {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return headTooLarge
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return tooSlow
    default:
      return noHttp
  }
}

/** How long a client that still sends may take to read its refusal: a closed socket would throw it away unread. */
const LINGER_MILLIS = 500

const write = (socket: Duplex, { body, headers = [], status }: Refusal): void => {
  const json = JSON.stringify(body)
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      "Content-Type: application/json",
      `Content-Length: ${Buffer.byteLength(json)}`,
      "Cache-Control: no-store",
      "X-Content-Type-Options: nosniff",
      "Vary: Origin",
      `X-Request-Id: ${randomUUID()}`,
      ...headers,
      "Connection: close",
      "",
      json
    ].join("\r\n")
  )
  socket.resume()
  setTimeout(() => socket.destroy(), LINGER_MILLIS).unref()
}

/**
 * For node's `clientError`. `unanswered` settles once the requests that came whole on this connection before have their
 * answers: ours must not be taken for one of theirs.
 */
export const refuseMalformed = (
  error: NodeJS.ErrnoException,
  socket: Duplex,
  unanswered: Promise<unknown> | undefined
): void => {
  // Whatever goes wrong with this connection from here on is nobody's concern.
  socket.on("error", () => {})
  const refuse = () => {
    if (error.code === "ECONNRESET" || !socket.writable) socket.destroy()
    else write(socket, refusalOf(error.code))
  }
  if (unanswered === undefined) refuse()
  else void unanswered.then(refuse)
}

/** For node's `connect`. */
export const refuseTunnel = (_: IncomingMessage, socket: Duplex): void => {
  socket.on("error", () => {})
  write(socket, noProxy)
}
