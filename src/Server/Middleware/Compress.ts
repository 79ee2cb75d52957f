import { randomBytes, randomInt } from "node:crypto"
import * as zlib from "node:zlib"
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import { LRUCache } from "lru-cache"
import type { Compression } from "../../Response/Compression.js"
import type { Routes } from "../Routes.js"
import { type Coding, codingFor } from "./AcceptEncoding.js"
import { type Middleware, withRequest } from "./Middleware.js"

/**
 * Bodies as gzip or brotli where the client takes it: a Mini App lives on mobile networks, and a page of a list becomes a
 * fifth. A HEAD is answered with the headers of the GET, so it costs as much. The work is done by node's thread pool, beside
 * the event loop. All bodies that the service has are text.
 */

/** Below that, the head is the larger part of a response. */
const MIN_BYTES = 1024

/** Node's pool has so many threads. Each compression has some 260 KB beside its text, and more would only wait there. */
const AT_ONCE = 4

/** Two documents, each in two codings, and some room. */
const MAX_KEPT = 16

/** Random bytes of a `padded` response, at most. */
const MAX_PADDING = 100

type Compressed = Exclude<Coding, "identity">

const OFFERED: Readonly<Record<Exclude<Compression, "never">, ReadonlyArray<Compressed>>> = {
  free: ["br", "gzip"],
  padded: ["gzip"]
}

/**
 * Levels for what is compressed for one reader, and for what is kept for all. Of a page of a hundred rows, 20 KB, gzip 3 makes
 * 4.0 KB in 0.32 ms of processor time, and 6 makes 3.8 KB in 0.43 ms; brotli 1 makes 4.3 KB in 0.12 ms, and 4 makes 3.6 KB in
 * 0.40 ms. Of the documentation's page, 2 MB, brotli 9 makes 431 KB in 0.15 s, and 11 makes 388 KB in 4.2 s.
 */
const ONCE = { gzip: 3, br: 1 }
const KEPT = { gzip: 9, br: 9 }

type Text = string | Uint8Array

const textOf = (body: HttpBody.HttpBody): Text | undefined => {
  if (body._tag === "Uint8Array") return body.body
  return body._tag === "Raw" && typeof body.body === "string" ? body.body : undefined
}

const compress = (text: Text, coding: Compressed, level: number): Effect.Effect<Uint8Array> =>
  Effect.async((resume) => {
    const done = (error: Error | null, bytes: Uint8Array) =>
      resume(error === null ? Effect.succeed(bytes) : Effect.die(error))
    if (coding === "gzip") zlib.gzip(text, { level }, done)
    else zlib.brotliCompress(text, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: level } }, done)
  })

/** The flag in the fourth byte of gzip's head that says that a file's name follows the tenth, up to a zero (RFC 1952, 2.3). */
const HAS_NAME = 0x08
const HEAD_BYTES = 10

/** The same gzip with a name of random length, which readers skip. */
export const padded = (gzip: Uint8Array): Uint8Array => {
  const name = randomBytes(MAX_PADDING / 2)
    .toString("hex")
    .slice(0, randomInt(MAX_PADDING + 1))
  const head = Buffer.from(gzip.subarray(0, HEAD_BYTES))
  head.writeUInt8(head.readUInt8(3) | HAS_NAME, 3)
  return Buffer.concat([head, Buffer.from(`${name}\0`, "latin1"), gzip.subarray(HEAD_BYTES)])
}

export const compressed = (routes: Routes): Effect.Effect<Middleware> =>
  Effect.gen(function* () {
    const permits = yield* Effect.makeSemaphore(AT_ONCE)
    const kept = new LRUCache<string, Effect.Effect<Uint8Array>>({ max: MAX_KEPT })

    const anew = (text: Text, coding: Compressed, levels: typeof ONCE) =>
      permits.withPermits(1)(compress(text, coding, levels[coding]))

    /** What has an ETag is the same text as long as it has that one: it is compressed once, for all. */
    const once = (text: Text, coding: Compressed, etag: string) => {
      const key = `${coding} ${etag}`
      const before = kept.get(key)
      if (before !== undefined) return before
      // Whoever asked first may go away, and others wait for the same.
      return Effect.flatMap(Effect.cached(Effect.uninterruptible(anew(text, coding, KEPT))), (bytes) => {
        kept.set(key, bytes)
        return bytes
      })
    }

    const forClient = (
      response: HttpServerResponse.HttpServerResponse,
      compression: Exclude<Compression, "never">,
      accepted: string | undefined
    ) => {
      const { body, headers } = response
      const text = textOf(body)
      if (text === undefined) return Effect.succeed(response)
      const isWorthIt = (body.contentLength ?? 0) >= MIN_BYTES
      // Told also where it stays as it is: a cache must not give it to who takes another coding, nor the other way.
      const told = isWorthIt ? HttpServerResponse.setHeader(response, "vary", "Accept-Encoding") : response
      const coding = codingFor(accepted, OFFERED[compression], isWorthIt)
      if (coding === "identity") return Effect.succeed(told)
      const bytes =
        headers.etag === undefined ? Effect.interruptible(anew(text, coding, ONCE)) : once(text, coding, headers.etag)
      return Effect.map(bytes, (bytes) =>
        HttpServerResponse.setHeader(
          HttpServerResponse.setBody(
            told,
            HttpBody.uint8Array(compression === "padded" ? padded(bytes) : bytes, body.contentType)
          ),
          "content-encoding",
          coding
        )
      )
    }

    return (app) =>
      withRequest(({ headers, method }, { route }) => {
        const compression = routes.of(route)?.compression.get(method) ?? "free"
        return compression === "never"
          ? app
          : Effect.flatMap(app, (response) => forClient(response, compression, headers["accept-encoding"]))
      })
  })
