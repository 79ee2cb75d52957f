import * as OtlpResource from "@effect/opentelemetry/OtlpResource"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import { Collector } from "./Collector.js"
import { Metrics } from "./Metrics.js"
import { toMetricsData } from "./OtlpMetrics.js"

/** What OpenTelemetry's own libraries have as their default. */
const EVERY = Duration.seconds(60)

/** A collector that is away must not hold up the service's end. */
const FAREWELL = Duration.seconds(1)

/** Sends the figures of `/metrics` to the collector too, at the start, once a minute and at the end; nothing where there is none. */
export const MetricsExportLive = Layer.scopedDiscard(
  Effect.gen(function* () {
    const collector = yield* Collector
    if (collector === undefined) return
    const metrics = yield* Metrics
    const resource = yield* OtlpResource.fromConfig({ serviceName: collector.serviceName })
    const send = Effect.flatMap(metrics.samples, (samples) =>
      collector.send(toMetricsData(resource, samples, Date.now()))
    )
    yield* Effect.addFinalizer(() => Effect.ignore(Effect.timeout(Effect.interruptible(send), FAREWELL)))
    yield* Effect.forkScoped(Effect.repeat(send, Schedule.spaced(EVERY)))
  })
)
