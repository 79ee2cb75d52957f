import { randomUUID } from "node:crypto"
import type { HttpServerRequest } from "@effect/platform"
import type { ApiError } from "../Domain/Errors.js"
import type { TelegramId } from "../Domain/Ids.js"
import { identityOf } from "./Handled.js"
import { matchRoute, type Route } from "./Routes.js"

/** What the service keeps of a request while it is on its way: for the answer's headers, the log line and the figures. */
export interface RequestRecord {
  /** `X-Request-Id`: ours alone. A client's own would let it write into our log. */
  readonly id: string
  readonly method: string
  readonly path: string
  readonly route: Route | undefined
  readonly startedAt: number
  adminId: TelegramId | undefined
  /** The error that it is answered with. */
  error: ApiError["_tag"] | undefined
}

const records = new WeakMap<object, RequestRecord>()

/** The path of a request target: without the query, and without the host that a client of a proxy puts first. */
export const pathOf = (url: string): string => originForm(url).split(/[?#]/, 1)[0] ?? ""

/** `GET http://host/path`, which a server must take (RFC 9112, 3.2.2), as `GET /path`. */
export const originForm = (url: string): string =>
  url.startsWith("/") ? url : url.replace(/^https?:\/\/[^/?#]*/i, "").replace(/^(?=[?#]|$)/, "/")

export const openRecord = (request: HttpServerRequest.HttpServerRequest): RequestRecord => {
  const path = pathOf(request.url)
  const record: RequestRecord = {
    id: randomUUID(),
    method: request.method,
    path,
    route: matchRoute(path),
    startedAt: performance.now(),
    adminId: undefined,
    error: undefined
  }
  records.set(identityOf(request), record)
  return record
}

/** Names the admin who turned out to make the request, for the log line that ends it. */
export const noteAdmin = (request: HttpServerRequest.HttpServerRequest, adminId: TelegramId): void => {
  const record = records.get(identityOf(request))
  if (record !== undefined) record.adminId = adminId
}
