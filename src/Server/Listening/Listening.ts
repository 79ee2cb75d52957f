import type * as HttpApp from "@effect/platform/HttpApp"
import * as HttpServer from "@effect/platform/HttpServer"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import { Draining } from "../../System/Draining.js"
import * as NodeServer from "./NodeServer.js"

/**
 * The platform's `NodeHttpServer` over a node server of ours, and its orderly stop: the platform takes its handler away when
 * its scope closes, with requests in flight or on their way.
 */

export interface ListenOptions {
  readonly host: string
  readonly port: number
}

/** After the signal, connections that were on their way are still taken: nobody who came in time is refused. */
const STILL_LISTENING = "100 millis"

/** An idle connection is kept as long for a request that may be on its way; its response ends the connection. */
const STILL_READING = "300 millis"

/** Responses that take longer are given up. */
const LONGEST_RESPONSE_MILLIS = 10_000

/** Finishes what is in flight, then hangs up. A finalizer can't be interrupted, so the limit is looked at, not raced. */
const drain = (node: NodeServer.NodeServer) =>
  Effect.gen(function* () {
    const deadline = performance.now() + LONGEST_RESPONSE_MILLIS
    yield* Effect.logInfo(`Stopping; ${node.unanswered()} requests are in flight`)
    yield* Effect.sleep(STILL_LISTENING)
    yield* Effect.promise(node.stopListening)
    yield* Effect.sleep(STILL_READING)
    yield* Effect.promise(node.readArrived)
    const isOver = () => node.unanswered() === 0 || performance.now() > deadline
    const wait = Effect.zipRight(Effect.sleep("20 millis"), Effect.promise(node.readArrived))
    if (!isOver()) yield* Effect.repeat(wait, { until: isOver })
    if (node.unanswered() > 0) yield* Effect.logWarning(`Gave up ${node.unanswered()} requests that took too long`)
    node.server.closeAllConnections()
  })

/** Our part of the server. Whoever serves an app by it serves it by `serve`. */
class Node extends Context.Tag("app/Server/Node")<Node, NodeServer.NodeServer>() {}

const make = (options: ListenOptions) =>
  Effect.gen(function* () {
    const node = NodeServer.make()
    const server = yield* NodeHttpServer.make(() => node.server, options)
    // The platform closes its server after this, and waits until the last connection is gone.
    yield* Effect.addFinalizer(() => Effect.sync(() => node.server.closeAllConnections()))
    return Context.add(Context.make(HttpServer.HttpServer, server), Node, node)
  })

/** Listens from now on; requests are answered once an app is served. */
export const layer = (options: ListenOptions) =>
  Layer.merge(Layer.scopedContext(make(options)), NodeHttpServer.layerContext)

/** Answers requests by the app until the scope closes. Then it finishes what is in flight. */
export const serve = <E, R>(app: HttpApp.Default<E, R>) =>
  Effect.gen(function* () {
    const node = yield* Node
    const draining = yield* Draining
    yield* HttpServer.serveEffect(app)
    node.handOver()
    // A finalizer runs with the default logger; the runtime of this moment has the configured one.
    const run = Runtime.runPromise(yield* Effect.runtime<never>())
    yield* Effect.addFinalizer(() => {
      draining.start()
      return Effect.promise(() => run(drain(node)))
    })
  })
