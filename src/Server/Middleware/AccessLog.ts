import * as Effect from "effect/Effect"
import { RequestLine } from "../../Logging.js"
import { isProbe } from "../Routes.js"
import type { Observer } from "./WhenEnded.js"

/** What is called so in log and metrics. The path that came may hold what nobody should find there. */
export const NO_ROUTE = "(no route)"

/** The one log line of a request. Probes that are content would bury all others: some ten thousand a day. */
export const accessLog: Observer = ({ admin, error, method, route = NO_ROUTE, startedAt }, status) =>
  (isProbe(route) && status < 400 ? Effect.logDebug : Effect.logInfo)(
    new RequestLine({
      method,
      route,
      status,
      duration_ms: Math.round((performance.now() - startedAt) * 1000) / 1000,
      error: error?._tag,
      admin_id: admin?.userId
    })
  )
