import type { IncomingMessage, ServerResponse } from "node:http"
import { type HttpApp, HttpServerError, HttpServerRequest, type HttpServerResponse } from "@effect/platform"
import { Cause, Context, Effect, Runtime, RuntimeFlags } from "effect"
import { RequestId } from "../Logging.js"
import { errorResponse, internal } from "./ErrorResponse.js"
import { keepRootsInArray } from "./FiberRoots.js"
import { NodeRequest } from "./NodeRequest.js"
import type { RequestRecord } from "./RequestRecord.js"

/**
 * Runs an app for node's requests. The platform's `NodeHttpServer.makeHandler` does so for whatever an app may be: it
 * provides the request and a scope by changing the fiber's context twice and back, looks for handlers before the
 * response, makes a span, and waits until the client has the last byte. Ours answers what is in memory, in one go; a
 * handler that opens something closes it in a scope of its own.
 */

export type Handler = (request: IncomingMessage, response: ServerResponse) => void

const isText = (body: unknown): body is string | Uint8Array => typeof body === "string" || body instanceof Uint8Array

const write = (
  response: ServerResponse,
  { headers, method }: RequestRecord,
  { body, headers: ofBody, status }: HttpServerResponse.HttpServerResponse
): void => {
  if (response.writableEnded) return
  const all = [...headers]
  for (const name in ofBody) all.push(name, ofBody[name] ?? "")
  response.writeHead(status, all)
  switch (body._tag) {
    case "Empty":
      response.end()
      return
    case "Raw":
    case "Uint8Array":
      if (isText(body.body)) {
        response.end(method === "HEAD" ? undefined : body.body)
        return
      }
  }
  throw new Error(`The server does not send bodies of the kind ${body._tag}`)
}

/**
 * What a handler needs, its layer was given when it was built; a request brings only itself. What else was in the context
 * would be copied with it each time that the platform adds to it, four times for each request.
 */
const contextOf = (request: NodeRequest) =>
  Context.add(Context.make(HttpServerRequest.HttpServerRequest, request), RequestId, request.record.id)

export const makeHandler = <E>(app: HttpApp.Default<E>): Effect.Effect<Handler> =>
  Effect.map(Effect.zipRight(keepRootsInArray, Effect.runtime<never>()), ({ fiberRefs, runtimeFlags }) => {
    // What answers a request is uninterruptible, as in the platform; handlers are interruptible again.
    const flags = RuntimeFlags.disable(runtimeFlags, RuntimeFlags.Interruption)
    return (source, response) => {
      const request = new NodeRequest(source)
      const { record } = request
      const send = (answer: HttpServerResponse.HttpServerResponse) => write(response, record, answer)
      const answered = Effect.catchAllCause(Effect.map(app, send), (cause) =>
        Cause.isInterruptedOnly(cause)
          ? Effect.void
          : Effect.zipRight(
              Effect.logError("A request failed", cause),
              Effect.sync(() => send(errorResponse(internal)))
            )
      )
      const runtime = Runtime.make({ context: contextOf(request), fiberRefs, runtimeFlags: flags })
      const fiber = Runtime.runFork(runtime, answered)
      response.on("close", () => {
        if (!response.writableEnded) fiber.unsafeInterruptAsFork(HttpServerError.clientAbortFiberId)
      })
    }
  })
