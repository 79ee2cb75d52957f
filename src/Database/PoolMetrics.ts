import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Gauge, Histogram } from "prom-client"
import { Metrics, SECONDS } from "../Telemetry/Metrics.js"
import { type Outcome, Pool } from "./Pool.js"

const OUTCOMES: ReadonlyArray<Outcome> = ["ok", "unavailable", "failed", "interrupted"]

/** The metrics of the pool and of the statements that run on it. */
export const PoolMetricsLive = Layer.effectDiscard(
  Effect.gen(function* () {
    const { registry } = yield* Metrics
    const pool = yield* Pool
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
    const durations = new Histogram({
      name: "database_statement_duration_seconds",
      help: "Time of a statement, waiting for a connection included",
      labelNames: ["outcome"],
      buckets: SECONDS,
      registers: [registry]
    })
    for (const outcome of OUTCOMES) durations.zero({ outcome })
    pool.watch((outcome, seconds) => durations.observe({ outcome }, seconds))
  })
)
