import * as Effect from "effect/Effect"
import { collectDefaultMetrics, Gauge, Registry } from "prom-client"
import manifest from "../../package.json" with { type: "json" }

/** Seconds, for the histograms of requests and of statements. */
export const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/**
 * The registry of the service's metrics. Each room registers its own: the pool, the facts, logins, requests, permits. No
 * label comes from a client: routes are named by their template, never by the path that came, and methods are those that
 * node's parser knows.
 */
export class Metrics extends Effect.Service<Metrics>()("app/Telemetry/Metrics", {
  sync: () => {
    const registry = new Registry()
    // The process's own: memory, processor time, garbage collection, the event loop's delay.
    collectDefaultMetrics({ register: registry })
    new Gauge({
      name: "bot_analytics_build_info",
      help: "1; the labels tell which build of the service runs",
      labelNames: ["version", "revision"],
      registers: [registry]
    }).set({ version: manifest.version, revision: process.env.REVISION ?? "none" }, 1)
    return {
      registry,
      /** All of them in Prometheus' text format. */
      text: Effect.promise(() => registry.metrics()),
      /** The same, for OpenTelemetry. */
      samples: Effect.promise(() => registry.getMetricsAsJSON())
    } as const
  }
}) {}
