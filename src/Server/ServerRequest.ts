import { randomUUID } from "node:crypto"
import type { IncomingHttpHeaders, IncomingMessage } from "node:http"
import type { Admin } from "../Domain/CurrentAdmin.js"
import type { ApiError } from "../Domain/Errors.js"
import { matchRoute, type Route } from "./Routes.js"

/** `GET http://host/path`, which a server must take (RFC 9112, 3.2.2), as `GET /path`. */
const originForm = (url: string): string =>
  url.startsWith("/") ? url : url.replace(/^https?:\/\/[^/?#]*/i, "").replace(/^(?=[?#]|$)/, "/")

/** Every header as text: node gives only Set-Cookie otherwise, which is none of a request. */
export type RequestHeaders = { readonly [Name in keyof IncomingHttpHeaders]: string | undefined }

/** A request of node's, and what the service keeps of it while it is on its way: for its handler, the log and the figures. */
export class ServerRequest {
  /** `X-Request-Id`: ours alone. A client's own would let it write into our log. */
  readonly id: string = randomUUID()
  readonly startedAt: number = performance.now()
  readonly method: string
  readonly path: string
  /** What stands between `?` and `#`. */
  readonly search: string
  readonly headers: RequestHeaders
  readonly route: Route | undefined
  /** The body's text, once it was read (src/Server/Body.ts). */
  body = ""
  /** Who makes it, once the credential told. */
  admin: Admin | undefined = undefined
  /** The error that it is answered with. */
  error: ApiError["_tag"] | undefined = undefined

  constructor(readonly source: IncomingMessage) {
    this.method = source.method ?? "GET"
    this.headers = source.headers as RequestHeaders
    const url = originForm(source.url ?? "/")
    const end = url.search(/[?#]/)
    this.path = end < 0 ? url : url.slice(0, end)
    this.search = end < 0 || url[end] === "#" ? "" : (url.slice(end + 1).split("#", 1)[0] ?? "")
    this.route = matchRoute(this.path)
  }

  get remoteAddress(): string | undefined {
    return this.source.socket.remoteAddress
  }
}
