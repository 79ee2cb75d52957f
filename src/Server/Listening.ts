import * as HttpServerError from "@effect/platform/HttpServerError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"
import { Draining } from "./Draining.js"
import { makeNodeServer, type NodeServer } from "./NodeServer.js"
import { type App, type Handler, makeHandler } from "./Serving.js"

/**
 * The HTTP server. The platform's `NodeHttpServer` cuts what is in flight when it stops, leaves requests that come while the
 * service is being put together without an answer for ever, and tries to make a WebSocket of each one that asks for it; here
 * `Upgrade` is ignored, as HTTP allows.
 */
export class HttpListener extends Context.Tag("app/Server/HttpListener")<
  HttpListener,
  {
    /** `http://127.0.0.1:8000`: where it listens. */
    readonly url: string
    /** Answers requests by the app, until the scope closes: then it finishes what is in flight. */
    readonly serve: (app: App) => Effect.Effect<void, never, Scope.Scope>
  }
>() {}

export interface ListenOptions {
  readonly host: string
  readonly port: number
}

/** After the signal, connections that were on their way are still taken: nobody who came in time is refused. */
const STILL_LISTENING = "100 millis"

/** An idle connection is kept as long for a request that may be on its way; its answer ends the connection. */
const STILL_READING = "300 millis"

/** Answers that take longer are given up. */
const LONGEST_ANSWER_MILLIS = 10_000

const listen = ({ server }: NodeServer, options: ListenOptions) =>
  Effect.acquireRelease(
    Effect.async<void, HttpServerError.ServeError>((resume) => {
      const onError = (cause: Error) => resume(Effect.fail(new HttpServerError.ServeError({ cause })))
      server.once("error", onError)
      server.listen(options, () => {
        server.off("error", onError)
        resume(Effect.void)
      })
    }),
    () =>
      Effect.sync(() => {
        if (server.listening) server.close()
        server.closeAllConnections()
      })
  )

const urlOf = ({ server }: NodeServer): string => {
  const address = server.address()
  if (address === null || typeof address === "string") return String(address)
  return `http://${address.family === "IPv6" ? `[${address.address}]` : address.address}:${address.port}`
}

/** Finishes what is in flight, then hangs up. A finalizer can't be interrupted, so the limit is looked at, not raced. */
const drain = (node: NodeServer, state: { started: boolean }) =>
  Effect.gen(function* () {
    state.started = true
    const deadline = performance.now() + LONGEST_ANSWER_MILLIS
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

const make = (options: ListenOptions) =>
  Effect.gen(function* () {
    const node = makeNodeServer()
    const state = { started: false }
    // Requests that come before there is a handler wait for it.
    const early: Array<Parameters<Handler>> = []
    let handle: Handler = (...request) => early.push(request)
    node.server.on("request", (request, response) => handle(request, response))
    yield* listen(node, options)

    const serve = (app: App) =>
      Effect.gen(function* () {
        handle = yield* makeHandler(app)
        for (const request of early.splice(0)) handle(...request)
        // A finalizer runs with the default logger; the runtime of this moment has the configured one.
        const runtime = yield* Effect.runtime<never>()
        yield* Effect.addFinalizer(() => Effect.promise(() => Runtime.runPromise(runtime)(drain(node, state))))
      })

    return Context.add(Context.make(HttpListener, { url: urlOf(node), serve }), Draining, state)
  })

/** Listens from now on; the requests are answered once an app is served. Stops gracefully when its scope closes. */
export const layer = (options: ListenOptions) => Layer.scopedContext(make(options))
