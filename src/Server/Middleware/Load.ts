import * as Effect from "effect/Effect"
import { Counter, Gauge } from "prom-client"
import { WAITING_PER_CONNECTION } from "../../Database/Permits.js"
import { Pool } from "../../Database/Pool.js"
import { ServiceUnavailable } from "../../Domain/Errors.js"
import { Metrics } from "../../Telemetry/Metrics.js"
import { isProbe } from "../Routes.js"
import { type Middleware, withRequest } from "./Middleware.js"

/**
 * Nearly every request is statements and little else, one at a time: as many may be in progress as statements may be in
 * use or waiting. With more, the last in line would wait longer than its client does, and all others with it.
 */
const REQUESTS_PER_CONNECTION = 1 + WAITING_PER_CONNECTION

const overloaded = new ServiceUnavailable({
  message: "The service is overloaded: too many requests are in progress. Try again in a few seconds."
})

/**
 * The permits of requests in progress, past which the service refuses at once: slow for some is better than slow for all.
 * Probes need none. `whenFree` lets a request go on while there are permits left, `withPermit` takes one for it.
 */
export const load = Effect.gen(function* () {
  const pool = yield* Pool
  const { registry } = yield* Metrics
  const limit = pool.figures().size * REQUESTS_PER_CONNECTION
  let inProgress = 0
  let refused = 0

  new Gauge({
    name: "http_requests_in_progress",
    help: "Requests in progress, without probes, and the bound past which more are refused",
    labelNames: ["state"],
    registers: [registry],
    collect() {
      this.set({ state: "in_progress" }, inProgress)
      this.set({ state: "limit" }, limit)
    }
  })
  new Counter({
    name: "http_requests_refused_total",
    help: "Requests answered 503 because too many were in progress",
    registers: [registry],
    collect() {
      this.reset()
      this.inc(refused)
    }
  })

  const refuse = Effect.suspend(() => {
    refused++
    return overloaded
  })
  const release = Effect.sync(() => {
    inProgress--
  })

  const whenFree: Middleware = (app) =>
    withRequest((_, { route }) => (isProbe(route) || inProgress < limit ? app : refuse))

  const withPermit: Middleware = (app) => {
    const released = Effect.ensuring(app, release)
    return withRequest((_, { route }) => {
      if (isProbe(route)) return app
      if (inProgress >= limit) return refuse
      inProgress++
      return released
    })
  }

  return { whenFree, withPermit } as const
})
