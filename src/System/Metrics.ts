import { Effect } from "effect"
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client"
import { Pool } from "../Database/Pool.js"

/** The service's figures in Prometheus' text format. Routes are named by their template, never by the path that came. */
export class Metrics extends Effect.Service<Metrics>()("app/System/Metrics", {
  effect: Effect.gen(function* () {
    const pool = yield* Pool
    const registry = new Registry()
    collectDefaultMetrics({ register: registry })
    const labelNames = ["method", "route", "status"] as const
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
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers: [registry]
    })
    new Gauge({
      name: "database_pool_connections",
      help: "Connections to the database: the pool's size, those in use, and statements that wait for one",
      labelNames: ["state"],
      registers: [registry],
      collect() {
        const { inUse, size, waiting } = pool.figures()
        this.set({ state: "size" }, size)
        this.set({ state: "in_use" }, inUse)
        this.set({ state: "waiting" }, waiting)
      }
    })

    const record = (method: string, route: string, status: number, seconds: number) => {
      const labels = { method, route, status: String(status) }
      requests.inc(labels)
      durations.observe(labels, seconds)
    }

    return { record, text: Effect.promise(() => registry.metrics()) } as const
  })
}) {}
