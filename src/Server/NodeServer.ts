import { createServer, type Server, type ServerResponse } from "node:http"
import { Server as NetServer } from "node:net"
import type { Duplex } from "node:stream"
import { refuseMalformed, refuseTunnel } from "./ProtocolError.js"

/** Node's HTTP server with limits on slow and oversized clients, and JSON where it answers by itself. */
const LIMITS = {
  /** Bytes of a request's line and headers. */
  maxHeaderSize: 16 * 1024,
  /** Milliseconds for the head, and for the whole request. */
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 2_000,
  /** Longer than the usual idle time of a proxy, which would otherwise meet a connection that we just closed. */
  keepAliveTimeout: 65_000,
  /** Node would refuse such a request with an empty body; src/Server/Guards.ts refuses it with JSON. */
  requireHostHeader: false
}

const MAX_CONNECTIONS = 2_000

export interface NodeServer {
  readonly server: Server
  /** How many requests wait for their answers. */
  readonly unanswered: () => number
  /** Takes no new connection, and leaves those that are there alone. */
  readonly stopListening: () => void
}

export const makeNodeServer = (): NodeServer => {
  const server = createServer(LIMITS)
  server.maxConnections = MAX_CONNECTIONS

  const pending = new Set<ServerResponse>()
  server.on("request", (_, response: ServerResponse) => {
    pending.add(response)
    response.on("close", () => pending.delete(response))
  })

  const answersOn = (socket: Duplex): Promise<unknown> | undefined => {
    const waiting = [...pending].filter(({ req }) => req.socket === socket && req.complete)
    return waiting.length === 0
      ? undefined
      : Promise.all(waiting.map((response) => new Promise((resolve) => response.on("close", resolve))))
  }
  server.on("clientError", (error, socket) => refuseMalformed(error, socket, answersOn(socket)))
  server.on("connect", refuseTunnel)
  // An expectation that we don't know may be ignored (RFC 9110, 10.1.1); node would answer 417 with an empty body.
  server.on("checkExpectation", (request, response) => server.emit("request", request, response))

  return {
    server,
    unanswered: () => pending.size,
    // http.Server's own `close` cuts idle connections at once, and with them a request that is on its way to us.
    stopListening: () => {
      NetServer.prototype.close.call(server)
    }
  }
}
