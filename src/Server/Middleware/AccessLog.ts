import * as Effect from "effect/Effect"
import { RequestLine } from "../../Logging.js"
import type { Observer } from "./WhenEnded.js"

/** What is called so in log and metrics. The path that came may hold what nobody should find there. */
export const NO_ROUTE = "(no route)"

/** The one log line of a request. */
export const accessLog: Observer = ({ admin, error, method, route = NO_ROUTE, startedAt }, status) =>
  Effect.logInfo(
    new RequestLine({
      method,
      route,
      status,
      duration_ms: Math.round((performance.now() - startedAt) * 1000) / 1000,
      error: error?._tag,
      admin_id: admin?.userId
    })
  )
