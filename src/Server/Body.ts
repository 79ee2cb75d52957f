import type { IncomingMessage } from "node:http"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { InvalidRequest, PayloadTooLarge } from "../Domain/Errors.js"
import type { ServerRequest } from "./ServerRequest.js"

/**
 * The request's body, read once and up to a limit. The platform's own reader has a limit too, but past it cuts the
 * connection, where the client is owed a 413; and it takes text that is no UTF-8, and an empty body for `null`.
 */

export const MAX_BODY_BYTES = 64 * 1024

export const bodyTooLarge = new PayloadTooLarge({ message: "The body is over 64 KiB; send less" })

const invalid = (message: string) =>
  new InvalidRequest({
    message: `The request is not valid: the body ${message}`,
    issues: [{ path: "body", message }]
  })
const notUtf8 = invalid("is not UTF-8 text")
const empty = invalid("is empty; send JSON")
const malformed = invalid("is not valid JSON")

const readBytes = (source: IncomingMessage): Effect.Effect<Buffer, PayloadTooLarge> =>
  Effect.async((resume) => {
    const chunks: Array<Buffer> = []
    let size = 0
    const stop = () => {
      source.off("data", onData).off("end", onEnd)
      // The rest is dropped as it comes, up to the server's time limit, so that the client gets to read our answer.
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
    // A client that goes away in the middle ends the whole request (src/Server/Serving.ts interrupts it): nothing to tell here.
    source.on("error", () => {})
    source.on("data", onData).on("end", onEnd)
    return Effect.sync(stop)
  })

/** One for all: it keeps nothing from one text to the next, and to make one takes longer than to use it. */
const utf8 = new TextDecoder("utf-8", { fatal: true })

/** Reads the request's body, for the handler. */
export const readBody = (request: ServerRequest): Effect.Effect<void, PayloadTooLarge | InvalidRequest> =>
  Effect.flatMap(Effect.interruptible(readBytes(request.source)), (bytes) =>
    Effect.try({
      try: () => {
        request.body = utf8.decode(bytes)
      },
      catch: () => notUtf8
    })
  )

/** The JSON in the body that was read. */
export const parseBody = ({ body }: ServerRequest): Either.Either<unknown, InvalidRequest> =>
  body.trim() === "" ? Either.left(empty) : Either.try({ try: (): unknown => JSON.parse(body), catch: () => malformed })
