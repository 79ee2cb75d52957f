import * as OtlpSerialization from "@effect/opentelemetry/OtlpSerialization"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import type * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type { TelemetrySettings } from "./Settings.js"

/** Where metrics go, or undefined where nobody asked for them. Traces have an exporter of their own. */
export class Collector extends Context.Reference<Collector>()("app/Telemetry/Collector", {
  defaultValue: (): MetricsSink | undefined => undefined
}) {}

export interface MetricsSink {
  readonly serviceName: string
  /** Takes OTLP's `MetricsData`. What goes wrong is told in the log, and to nobody else. */
  readonly send: (data: unknown) => Effect.Effect<void>
}

const TIMEOUT = Duration.seconds(5)

/** Each batch that is on its way is kept in memory until the collector has it: a frozen one must not fill it. */
const AT_A_TIME = 4

/** A log line for each failure would bury the rest. */
const REMIND_EVERY_MILLIS = 60_000

export const headersOf = ({ headers }: TelemetrySettings): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Redacted.value(value)]))

const explain = (error: HttpClientError.HttpClientError) =>
  error._tag === "ResponseError" ? `it answered ${error.response.status}` : (error.description ?? error.reason)

/**
 * An HTTP client that gives up in time, has few requests under way, and says in the log what the exporter would keep for
 * itself. Whatever becomes of telemetry, requests are answered.
 */
const makeClient = Effect.gen(function* () {
  const client = yield* HttpClient.HttpClient
  const places = yield* Effect.makeSemaphore(AT_A_TIME)
  let warnedAt = Number.NEGATIVE_INFINITY

  const warn = (error: HttpClientError.HttpClientError) =>
    Effect.suspend(() => {
      const now = performance.now()
      if (now - warnedAt < REMIND_EVERY_MILLIS) return Effect.void
      warnedAt = now
      return Effect.logWarning(`OpenTelemetry's collector does not take what the service sends: ${explain(error)}`)
    })

  return HttpClient.filterStatusOk(client).pipe(
    HttpClient.transform((sending, request) => {
      // The exporter tries again for failures of the transport alone; "Encode" makes this one final.
      const failed = (reason: "Transport" | "Encode", description: string) =>
        new HttpClientError.RequestError({ request, reason, description })
      return sending.pipe(
        Effect.timeoutFail({ duration: TIMEOUT, onTimeout: () => failed("Transport", "no answer in time") }),
        places.withPermitsIfAvailable(1),
        Effect.flatMap(
          Option.match({
            onNone: () => Effect.fail(failed("Encode", "too much is on its way already")),
            onSome: Effect.succeed
          })
        ),
        Effect.tapError(warn)
      )
    })
  )
})

/** `fetch` of node, which is there without another package. */
export const ClientLive = Layer.effect(HttpClient.HttpClient, makeClient).pipe(Layer.provide(FetchHttpClient.layer))

export const SerializationLive = ({ protocol }: TelemetrySettings) =>
  protocol === "http/json" ? OtlpSerialization.layerJson : OtlpSerialization.layerProtobuf

export const CollectorLive = (settings: TelemetrySettings) =>
  Layer.effect(
    Collector,
    Effect.gen(function* () {
      const client = yield* HttpClient.HttpClient
      const serialization = yield* OtlpSerialization.OtlpSerialization
      const post = (body: HttpBody.HttpBody) =>
        HttpClientRequest.post(`${settings.endpoint}/v1/metrics`, { headers: headersOf(settings), body })
      const send = (data: unknown) =>
        Effect.suspend(() => client.execute(post(serialization.metrics(data)))).pipe(
          Effect.withTracerEnabled(false),
          Effect.ignore
        )
      return { serviceName: settings.serviceName, send }
    })
  )
