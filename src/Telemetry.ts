import * as OtlpTracer from "@effect/opentelemetry/OtlpTracer"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { ClientLive, CollectorLive, headersOf, SerializationLive } from "./Telemetry/Collector.js"
import { quietTracer } from "./Telemetry/QuietTracer.js"
import { type TelemetrySettings, telemetrySettings } from "./Telemetry/Settings.js"

/** How long the last spans may take on their way out when the service stops. */
const FAREWELL = "1 second"

const tracer = (settings: TelemetrySettings) =>
  Layer.unwrapScoped(
    OtlpTracer.make({
      url: `${settings.endpoint}/v1/traces`,
      resource: { serviceName: settings.serviceName },
      headers: headersOf(settings),
      shutdownTimeout: FAREWELL
    }).pipe(Effect.map(quietTracer), Effect.map(Layer.setTracer))
  )

/** Traces and metrics over OTLP to this collector. */
export const toCollector = (settings: TelemetrySettings) =>
  Layer.mergeAll(Layer.setTracerEnabled(true), tracer(settings), CollectorLive(settings)).pipe(
    Layer.provide(ClientLive),
    Layer.provide(SerializationLive(settings))
  )

/** Nobody listens to spans: made all the same, they would cost every request. */
export const off = Layer.setTracerEnabled(false)

/** Traces and metrics where `OTEL_EXPORTER_OTLP_ENDPOINT` says, and none at all where it says nothing. */
export const TelemetryLive = Layer.unwrapEffect(
  Effect.map(telemetrySettings, Option.match({ onNone: () => off, onSome: toCollector }))
)
