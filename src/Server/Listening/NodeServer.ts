import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
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
  /** Node would refuse such a request with an empty body; src/Server/Middleware/Guards.ts refuses it with JSON. */
  requireHostHeader: false
}

/**
 * Milliseconds in which a client that is sent its answer must read some of it: node has no limit of its own there.
 */
const UNREAD_MILLIS = 10_000

const MAX_CONNECTIONS = 2_000

export interface NodeServer {
  readonly server: Server
  /** To be called once the platform listens to requests: it gets those that came before, and no others than requests. */
  readonly handOver: () => void
  /** How many requests wait for their answers. */
  readonly unanswered: () => number
  /** Takes no new connection but those that wait already, and leaves all that are there alone. */
  readonly stopListening: () => Promise<void>
  /** Reads what has arrived on the connections by now. */
  readonly readArrived: () => Promise<void>
}

/** How long the connections that wait may take to be accepted once the service stops. */
const ACCEPT_MILLIS = 2_000

/** A turn of the event loop: between two of them it has looked at every socket. A timer that is late comes before that. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

export const make = (): NodeServer => {
  const server = createServer(LIMITS)
  server.maxConnections = MAX_CONNECTIONS

  let accepted = 0
  server.on("connection", () => void accepted++)
  // Node accepts one connection a turn, so that some wait while it is busy: none is left once a turn brought none.
  const acceptWaiting = async () => {
    const deadline = performance.now() + ACCEPT_MILLIS
    let before: number
    do {
      before = accepted
      await turn()
    } while (accepted > before && performance.now() < deadline)
  }

  // While the service is being put together, nobody listens to requests but us: then they wait.
  const early: Array<[IncomingMessage, ServerResponse]> = []
  let unanswered = 0
  // Of each connection, for there may be several on the way.
  const pending = new WeakMap<Duplex, Set<ServerResponse>>()
  server.on("request", (request, response) => {
    if (server.listenerCount("request") === 1) {
      early.push([request, response])
      return
    }
    unanswered++
    const ofSocket = pending.get(request.socket) ?? new Set()
    pending.set(request.socket, ofSocket.add(response))
    response.on("close", () => {
      unanswered--
      ofSocket.delete(response)
    })
  })
  const handOver = () => {
    // The platform would make a WebSocket of each request that asks for it. HTTP allows to ignore `Upgrade`, which is what
    // node does where nobody listens to it.
    server.removeAllListeners("upgrade")
    for (const [request, response] of early.splice(0)) server.emit("request", request, response)
  }

  server.timeout = UNREAD_MILLIS
  // Two other times come the same way: node's for an idle connection, and ours where nothing is left to send, which says
  // that the request is on its way still, or that we work on it.
  server.on("timeout", (socket) => {
    if (socket.timeout !== UNREAD_MILLIS || socket.writableLength > 0) socket.destroy()
  })

  const answersOn = (socket: Duplex): Promise<unknown> | undefined => {
    const waiting = [...(pending.get(socket) ?? [])].filter(({ req }) => req.complete)
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
    handOver,
    unanswered: () => unanswered,
    // http.Server's own `close` cuts idle connections at once, and with them a request that is on its way to us.
    stopListening: async () => {
      await acceptWaiting()
      NetServer.prototype.close.call(server)
    },
    readArrived: async () => {
      await turn()
      await turn()
    }
  }
}
