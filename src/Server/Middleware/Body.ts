import type { IncomingMessage } from "node:http"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import * as Effect from "effect/Effect"
import { type InvalidRequest, PayloadTooLarge } from "../../Domain/Errors.js"
import { isProbe } from "../Routes.js"
import { invalidRequest } from "./InvalidRequests.js"
import { type Middleware, withRequest } from "./Middleware.js"

/**
 * The request's body, read once and up to a limit. The platform's own reader has a limit too, but past it cuts the
 * connection, where the client is owed a 413. It takes text that is no UTF-8, and an empty body for `null`.
 */

export const MAX_BODY_BYTES = 64 * 1024

export const bodyTooLarge = new PayloadTooLarge({ message: "The body is over 64 KiB; send less" })

const invalid = (message: string) => invalidRequest([{ path: "body", message }])
const notUtf8 = invalid("is not UTF-8 text")
const empty = invalid("is empty; send JSON")
const malformed = invalid("is not valid JSON")

/** A POST without any body is judged as one whose type is missing, so that it learns what to send. */
export const mayHaveBody = ({ headers, method }: HttpServerRequest.HttpServerRequest): boolean =>
  method === "POST" || headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0

const readBytes = (source: IncomingMessage): Effect.Effect<Buffer, PayloadTooLarge> =>
  Effect.async((resume) => {
    const chunks: Array<Buffer> = []
    let size = 0
    const stop = () => {
      source.off("data", onData).off("end", onEnd)
      // The rest is dropped as it comes, up to the server's time limit, so that the client gets to read our response.
      source.resume()
    }
    const onData = (chunk: Buffer) => {
      size += chunk.length
      chunks.push(chunk)
      if (size <= MAX_BODY_BYTES) return
      stop()
      resume(Effect.fail(bodyTooLarge))
    }
    const onEnd = () => resume(Effect.succeed(Buffer.concat(chunks, size)))
    // A client that goes away in the middle ends the whole request: nothing to tell here.
    source.on("error", () => {})
    source.on("data", onData).on("end", onEnd)
    return Effect.sync(stop)
  })

/** One for all: it keeps nothing from one text to the next, and to make one takes longer than to use it. */
const utf8 = new TextDecoder("utf-8", { fatal: true })

const readText = (source: IncomingMessage): Effect.Effect<string, PayloadTooLarge | InvalidRequest> =>
  Effect.flatMap(Effect.interruptible(readBytes(source)), (bytes) =>
    Effect.try({ try: () => utf8.decode(bytes), catch: () => notUtf8 })
  )

/** The JSON in a body. The platform makes a defect of what can't be read, so that here it is one, with what is told of it. */
const parse = (text: string): Effect.Effect<unknown> =>
  text.trim() === ""
    ? Effect.die(empty)
    : Effect.suspend(() => {
        try {
          return Effect.succeed<unknown>(JSON.parse(text))
        } catch {
          return Effect.die(malformed)
        }
      })

/** The same request, whose body is this text. */
const withText = (request: HttpServerRequest.HttpServerRequest, text: string): HttpServerRequest.HttpServerRequest =>
  Object.create(request, { text: { value: Effect.succeed(text) }, json: { value: parse(text) } })

/** Reads the body before anything else is done. One that no endpoint reads has its limit all the same. */
export const readBody: Middleware = (app) =>
  withRequest((request, { route }) =>
    isProbe(route) || !mayHaveBody(request)
      ? app
      : Effect.flatMap(readText(NodeHttpServerRequest.toIncomingMessage(request)), (text) =>
          Effect.provideService(app, HttpServerRequest.HttpServerRequest, withText(request, text))
        )
  )
