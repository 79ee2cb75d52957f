import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** A tiny OpenTelemetry collector, which keeps what it is sent. */
export interface TestCollector {
  readonly endpoint: string
  readonly received: ReadonlyArray<Received>
  /** What it answers from now on; 0 for never. */
  answerWith: (status: number) => void
}

export interface Received {
  readonly path: string
  readonly headers: Record<string, unknown>
  readonly body: Buffer
}

export interface ReceivedSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly status: { readonly code: number; readonly message?: string }
  readonly attributes: Readonly<Record<string, unknown>>
  readonly events: ReadonlyArray<unknown>
}

export const startCollector: Effect.Effect<TestCollector, never, Scope.Scope> = Effect.gen(function* () {
  const received: Array<Received> = []
  let status = 200
  const server = createServer((request, response) => {
    const chunks: Array<Buffer> = []
    request.on("data", (chunk) => chunks.push(chunk))
    request.on("end", () => {
      received.push({ path: request.url ?? "", headers: request.headers, body: Buffer.concat(chunks) })
      if (status > 0) response.writeHead(status, { "Content-Type": "application/json" }).end("{}")
    })
  })
  yield* Effect.acquireRelease(
    Effect.promise(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))),
    () =>
      Effect.sync(() => {
        server.close()
        server.closeAllConnections()
      })
  )
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answerWith: (next) => {
      status = next
    }
  }
})

// biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came.
const json = (collector: TestCollector, path: string): ReadonlyArray<any> =>
  collector.received.filter((one) => one.path === path).map(({ body }) => JSON.parse(body.toString()))

// biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came.
export const valuesOf = (attributes: ReadonlyArray<any>): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))

export const spansOf = (collector: TestCollector): ReadonlyArray<ReceivedSpan> =>
  json(collector, "/v1/traces")
    .flatMap(({ resourceSpans }) => resourceSpans)
    .flatMap(({ scopeSpans }) => scopeSpans)
    .flatMap(({ spans }) => spans)
    .map((span) => ({ ...span, attributes: valuesOf(span.attributes) }))

/** The newest state of each metric, by name. */
// biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came.
export const metricsOf = (collector: TestCollector): Record<string, any> => {
  const last = json(collector, "/v1/metrics").at(-1)?.resourceMetrics[0].scopeMetrics[0].metrics ?? []
  return Object.fromEntries(last.map((metric: { readonly name: string }) => [metric.name, metric]))
}

/** All that it was sent, as text. */
export const textOf = (collector: TestCollector): string =>
  collector.received.map(({ body, path }) => `${path}\n${body.toString()}`).join("\n")
