import * as Effect from "effect/Effect"
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client"
import { type Outcome, Pool } from "../Database/Pool.js"
import { FactsState, SOURCES } from "../Facts/State.js"
import { Load } from "../Server/Load.js"
import { type LoginOutcome, loginOutcomes } from "./LoginOutcome.js"

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

const statementOutcomes: ReadonlyArray<Outcome> = ["ok", "unavailable", "failed", "interrupted"]

const requestFigures = (registry: Registry) => {
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
    buckets: SECONDS,
    registers: [registry]
  })
  return (method: string, route: string, status: number, seconds: number) => {
    const labels = { method, route, status: String(status) }
    requests.inc(labels)
    durations.observe(labels, seconds)
  }
}

const loginFigures = (registry: Registry) => {
  const logins = new Counter({
    name: "logins_total",
    help: "Attempts to log in, by what became of them",
    labelNames: ["outcome"],
    registers: [registry]
  })
  // An alert on a rate needs the series to be there before the first attack.
  for (const outcome of loginOutcomes) logins.inc({ outcome }, 0)
  return (outcome: LoginOutcome) => logins.inc({ outcome })
}

const watchLoad = (registry: Registry, load: Load) => {
  new Gauge({
    name: "http_requests_in_progress",
    help: "Requests in progress, without probes, and the bound past which more are refused",
    labelNames: ["state"],
    registers: [registry],
    collect() {
      const { inProgress, limit } = load.figures()
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
      this.inc(load.figures().refused)
    }
  })
}

const watchPool = (registry: Registry, pool: typeof Pool.Service) => {
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
  for (const outcome of statementOutcomes) durations.zero({ outcome })
  pool.watch((outcome, seconds) => durations.observe({ outcome }, seconds))
}

const watchFacts = (registry: Registry, { answers }: typeof FactsState.Service) => {
  new Counter({
    name: "figures_answers_total",
    help: "Figures given, by where they came from: facts; facts, and the rows of users with new writes; or all rows",
    labelNames: ["source"],
    registers: [registry],
    collect() {
      this.reset()
      for (const source of SOURCES) this.inc({ source }, answers[source])
    }
  })
}

/**
 * The service's figures. No label comes from a client: routes are named by their template, never by the path that came,
 * and methods are those that node's parser knows.
 */
export class Metrics extends Effect.Service<Metrics>()("app/System/Metrics", {
  effect: Effect.gen(function* () {
    const registry = new Registry()
    // The process's own: memory, processor time, garbage collection, the event loop's delay.
    collectDefaultMetrics({ register: registry })
    watchPool(registry, yield* Pool)
    watchLoad(registry, yield* Load)
    watchFacts(registry, yield* FactsState)

    return {
      request: requestFigures(registry),
      login: loginFigures(registry),
      /** All of them in Prometheus' text format. */
      text: Effect.promise(() => registry.metrics()),
      /** The same, for OpenTelemetry. */
      samples: Effect.promise(() => registry.getMetricsAsJSON())
    } as const
  })
}) {}
