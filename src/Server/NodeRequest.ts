import type { IncomingMessage } from "node:http"
import {
  Cookies,
  type Headers,
  HttpIncomingMessage,
  type HttpMethod,
  HttpServerError,
  HttpServerRequest,
  UrlParams
} from "@effect/platform"
import { Effect, Inspectable, Option, Stream } from "effect"
import { openRecord, type RequestRecord } from "./RequestRecord.js"
import { escapeGarbage } from "./Routes.js"

/** `GET http://host/path`, which a server must take (RFC 9112, 3.2.2), as `GET /path`. */
const originForm = (url: string): string =>
  url.startsWith("/") ? url : url.replace(/^https?:\/\/[^/?#]*/i, "").replace(/^(?=[?#]|$)/, "/")

interface Changes {
  readonly url?: string
  readonly headers?: Headers.Headers
  readonly remoteAddress?: string
}

/** A body that was read (src/Server/Body.ts). */
export interface Body {
  readonly text: string
  readonly json: Effect.Effect<unknown>
}

/**
 * A request of node's as the platform's handlers see it: in origin form, its path readable by the router. Its body is what
 * was read before; there is no other.
 */
export class NodeRequest extends Inspectable.Class implements HttpServerRequest.HttpServerRequest {
  readonly [HttpServerRequest.TypeId]: HttpServerRequest.TypeId = HttpServerRequest.TypeId
  readonly [HttpIncomingMessage.TypeId]: HttpIncomingMessage.TypeId = HttpIncomingMessage.TypeId
  readonly method: HttpMethod.HttpMethod
  readonly url: string
  readonly headers: Headers.Headers
  readonly record: RequestRecord
  body: Body | undefined

  constructor(
    readonly source: IncomingMessage,
    private readonly changes: Changes = {},
    before?: NodeRequest
  ) {
    super()
    // Node's parser knows no other methods, and gives every header as text but Set-Cookie, which is none of a request.
    this.method = source.method as HttpMethod.HttpMethod
    this.headers = changes.headers ?? (source.headers as Headers.Headers)
    const url = originForm(source.url ?? "/")
    const end = url.search(/[?#]/)
    const path = end < 0 ? url : url.slice(0, end)
    const readable = escapeGarbage(path)
    this.url = changes.url ?? (readable === path ? url : readable + url.slice(path.length))
    this.record = before?.record ?? openRecord(this.method, path)
    this.body = before?.body
  }

  modify(changes: Changes): NodeRequest {
    return new NodeRequest(this.source, { ...this.changes, ...changes }, this)
  }

  get originalUrl(): string {
    return this.source.url ?? "/"
  }

  get remoteAddress(): Option.Option<string> {
    return Option.fromNullable(this.changes.remoteAddress ?? this.source.socket.remoteAddress)
  }

  get cookies() {
    return Cookies.parseHeader(this.headers.cookie ?? "")
  }

  private unsupported(what: string): HttpServerError.RequestError {
    return new HttpServerError.RequestError({
      request: this,
      reason: "Decode",
      description: `${what} is not supported`
    })
  }

  get text(): Effect.Effect<string> {
    return Effect.succeed(this.body?.text ?? "")
  }

  get json(): Effect.Effect<unknown, HttpServerError.RequestError> {
    return this.body?.json ?? Effect.fail(this.unsupported("a body that was not read"))
  }

  get urlParamsBody(): Effect.Effect<UrlParams.UrlParams> {
    return Effect.map(this.text, (text) => UrlParams.fromInput(new URLSearchParams(text)))
  }

  get arrayBuffer(): Effect.Effect<never, HttpServerError.RequestError> {
    return Effect.fail(this.unsupported("a binary body"))
  }

  get stream(): Stream.Stream<never, HttpServerError.RequestError> {
    return Stream.fail(this.unsupported("a streamed body"))
  }

  get multipart() {
    return Effect.dieMessage("No route takes multipart/form-data")
  }

  get multipartStream() {
    return Stream.dieMessage("No route takes multipart/form-data")
  }

  get upgrade(): Effect.Effect<never, HttpServerError.RequestError> {
    return Effect.fail(this.unsupported("Upgrade"))
  }

  /** Not the URL and the headers: they may hold secrets. */
  toJSON(): unknown {
    return { _id: "NodeRequest", method: this.method }
  }
}

/** The request as one of ours. The platform's types don't know that every one is (src/Server/Serving.ts). */
export const own = (request: HttpServerRequest.HttpServerRequest): NodeRequest => {
  if (request instanceof NodeRequest) return request
  throw new Error("The request does not come from the server in src/Server/Serving.ts")
}
