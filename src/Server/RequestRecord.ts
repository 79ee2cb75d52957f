import { randomUUID } from "node:crypto"
import type { Admin } from "../Domain/CurrentAdmin.js"
import type { ApiError } from "../Domain/Errors.js"
import type { FlatHeaders } from "./Headers.js"
import { matchRoute, type Route } from "./Routes.js"

/** What the service keeps of a request while it is on its way: for the answer's headers, the log line and the figures. */
export interface RequestRecord {
  /** `X-Request-Id`: ours alone. A client's own would let it write into our log. */
  readonly id: string
  readonly method: string
  readonly path: string
  readonly route: Route | undefined
  readonly startedAt: number
  /** Who makes it, once the credential told. */
  admin: Admin | undefined
  /**
   * Its parameters were decoded. The platform reports an answer of ours that does not fit its schema as if the client's
   * request had been wrong; this tells the two apart (src/Server/Failure.ts).
   */
  isDecoded: boolean
  /** The error that it is answered with. */
  error: ApiError["_tag"] | undefined
  /** The headers of its answer, but for those of the answer's body. */
  headers: FlatHeaders
}

export const openRecord = (method: string, path: string): RequestRecord => ({
  id: randomUUID(),
  method,
  path,
  route: matchRoute(path),
  startedAt: performance.now(),
  admin: undefined,
  isDecoded: false,
  error: undefined,
  headers: []
})
