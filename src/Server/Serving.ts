import type { IncomingMessage, ServerResponse } from "node:http"
import * as HttpServerError from "@effect/platform/HttpServerError"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import * as RuntimeFlags from "effect/RuntimeFlags"
import { RequestId } from "../Logging.js"
import type { Answer } from "./Answer.js"
import { errorAnswer, internal } from "./ErrorResponse.js"
import { keepRootsInArray } from "./FiberRoots.js"
import { RequestScheduler } from "./RequestScheduler.js"
import { ServerRequest } from "./ServerRequest.js"

/** Answers a request whose client goes away while it is asked: then it is interrupted. */
export type App = (request: ServerRequest) => Effect.Effect<Answer>

/** Runs an app for node's requests, each in a fiber of its own. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => void

const write = (response: ServerResponse, { method }: ServerRequest, { body, headers, status }: Answer): void => {
  if (response.writableEnded) return
  const all = body === undefined ? headers : [...headers, "content-length", String(Buffer.byteLength(body))]
  response.writeHead(status, all as Array<string>)
  // As text, which node writes to the socket together with the head; bytes would be a second piece.
  response.end(method === "HEAD" ? undefined : body)
}

const runtimeOfRequests = Effect.withScheduler(Effect.runtime<never>(), new RequestScheduler())

/** Where even what makes an answer of a failure failed. */
const broken = ({ id }: ServerRequest): Answer => {
  const { headers, ...answer } = errorAnswer(internal)
  return { ...answer, headers: [...headers, "x-request-id", id] }
}

export const makeHandler = (app: App): Effect.Effect<Handler> =>
  Effect.map(Effect.zipRight(keepRootsInArray, runtimeOfRequests), ({ fiberRefs, runtimeFlags }) => {
    // What answers a request is uninterruptible; endpoints are interruptible again.
    const flags = RuntimeFlags.disable(runtimeFlags, RuntimeFlags.Interruption)
    return (source, response) => {
      const request = new ServerRequest(source)
      const send = (answer: Answer) => write(response, request, answer)
      const answered = Effect.catchAllCause(
        Effect.map(
          Effect.suspend(() => app(request)),
          send
        ),
        (cause) =>
          Cause.isInterruptedOnly(cause)
            ? Effect.void
            : Effect.zipRight(
                Effect.logError("A request failed", cause),
                Effect.sync(() => send(broken(request)))
              )
      )
      // What an endpoint needs, its layer was given when it was built; a request brings only its id, for the log.
      const runtime = Runtime.make({ context: Context.make(RequestId, request.id), fiberRefs, runtimeFlags: flags })
      const fiber = Runtime.runFork(runtime, answered)
      response.on("close", () => {
        if (!response.writableEnded) fiber.unsafeInterruptAsFork(HttpServerError.clientAbortFiberId)
      })
    }
  })
