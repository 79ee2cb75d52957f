import * as Effect from "effect/Effect"
import { Counter, Histogram } from "prom-client"
import { Metrics, SECONDS } from "../../Telemetry/Metrics.js"
import { NO_ROUTE } from "./AccessLog.js"
import type { Observer } from "./WhenEnded.js"

const labelNames = ["method", "route", "status"] as const

/** Counts requests, and the time that they took. */
export const requestMetrics = Effect.map(Metrics, ({ registry }): Observer => {
  const requests = new Counter({
    name: "http_requests_total",
    help: "Requests answered",
    labelNames,
    registers: [registry]
  })
  const durations = new Histogram({
    name: "http_request_duration_seconds",
    help: "Time from a request's head to the end of its answer",
    labelNames,
    buckets: SECONDS,
    registers: [registry]
  })
  return ({ method, route = NO_ROUTE, startedAt }, status) =>
    Effect.sync(() => {
      const labels = { method, route, status: String(status) }
      requests.inc(labels)
      durations.observe(labels, (performance.now() - startedAt) / 1000)
    })
})
