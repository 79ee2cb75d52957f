import { randomUUID } from "node:crypto"
import { createServer, type Server, STATUS_CODES } from "node:http"
import type { Duplex } from "node:stream"

/** Node's HTTP server with limits on slow and oversized clients, and JSON where it answers by itself. */
const LIMITS = {
  /** Bytes of a request's line and headers. */
  maxHeaderSize: 16 * 1024,
  /** Milliseconds for the head, and for the whole request. */
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 2_000,
  /** Longer than the usual idle time of a proxy, which would otherwise meet a connection that we just closed. */
  keepAliveTimeout: 65_000
}

const MAX_CONNECTIONS = 2_000

const refusal = (code: string | undefined) => {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return { status: 431, _tag: "HeadersTooLarge", message: "The request's line and headers are over 16 KiB" }
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return { status: 408, _tag: "RequestTimeout", message: "The request took too long to arrive" }
    default:
      return { status: 400, _tag: "MalformedRequest", message: "This is no HTTP request" }
  }
}

const answerByHand = (error: NodeJS.ErrnoException, socket: Duplex) => {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy()
    return
  }
  const { status, ...body } = refusal(error.code)
  const json = JSON.stringify(body)
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      "Content-Type: application/json",
      `Content-Length: ${Buffer.byteLength(json)}`,
      "Cache-Control: no-store",
      "Vary: Origin",
      `X-Request-Id: ${randomUUID()}`,
      "Connection: close",
      "",
      json
    ].join("\r\n")
  )
}

export const makeNodeServer = (): Server => {
  const server = createServer(LIMITS)
  server.maxConnections = MAX_CONNECTIONS
  server.on("clientError", answerByHand)
  return server
}
