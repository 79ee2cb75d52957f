import * as OtlpResource from "@effect/opentelemetry/OtlpResource"
import type { MetricObjectWithValues, MetricValue, MetricValueWithName } from "prom-client"

/**
 * The figures of `/metrics` as OTLP's `MetricsData` (opentelemetry.io/docs/specs/otlp), by the rules of
 * opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics. @effect/opentelemetry sends Effect's own
 * metrics; two sets of figures for one thing would disagree some day.
 */
type Sample = MetricObjectWithValues<MetricValue<string> | MetricValueWithName<string>>

/** All counts are since the process began. */
const CUMULATIVE = 2

const nanos = (millis: number): string => `${Math.round(millis)}000000`

const STARTED_AT = nanos(performance.timeOrigin)

const attributesOf = (labels: object) =>
  OtlpResource.entriesToAttributes(Object.entries(labels).map(([name, value]) => [name, String(value)]))

const number = (value: number) => ({ asDouble: value })

const times = (at: string) => ({ startTimeUnixNano: STARTED_AT, timeUnixNano: at })

/** Prometheus' cumulative buckets, one series each, as one data point for each set of labels. */
const histogramPoints = (values: Sample["values"], at: string) => {
  const points = new Map<
    string,
    { labels: object; bounds: Array<number>; upTo: Array<number>; sum: number; count: number }
  >()
  for (const value of values) {
    const { le, ...labels } = value.labels as Record<string, string | number>
    const key = JSON.stringify(labels)
    const point = points.get(key) ?? { labels, bounds: [], upTo: [], sum: 0, count: 0 }
    points.set(key, point)
    const name = "metricName" in value ? (value.metricName ?? "") : ""
    if (name.endsWith("_sum")) point.sum = value.value
    else if (name.endsWith("_count")) point.count = value.value
    else {
      if (le !== "+Inf") point.bounds.push(Number(le))
      point.upTo.push(value.value)
    }
  }
  return Array.from(points.values(), ({ bounds, count, labels, sum, upTo }) => ({
    attributes: attributesOf(labels),
    ...times(at),
    count: String(count),
    sum,
    explicitBounds: bounds,
    bucketCounts: upTo.map((total, i) => String(total - (upTo[i - 1] ?? 0)))
  }))
}

const toMetric = ({ help, name, type, values }: Sample, at: string) => {
  const described = { name, description: help }
  if (String(type) === "histogram") {
    return {
      ...described,
      histogram: { dataPoints: histogramPoints(values, at), aggregationTemporality: CUMULATIVE }
    }
  }
  // JSON knows no NaN, which is what some of node's figures are before there is anything to tell.
  const dataPoints = values
    .filter(({ value }) => Number.isFinite(value))
    .map(({ labels, value }) => ({ attributes: attributesOf(labels), ...times(at), ...number(value) }))
  return String(type) === "counter"
    ? { ...described, sum: { dataPoints, aggregationTemporality: CUMULATIVE, isMonotonic: true } }
    : { ...described, gauge: { dataPoints } }
}

export const toMetricsData = (
  resource: OtlpResource.Resource,
  samples: ReadonlyArray<Sample>,
  nowMillis: number
): object => ({
  resourceMetrics: [
    {
      resource,
      scopeMetrics: [
        {
          scope: { name: OtlpResource.unsafeServiceName(resource) },
          metrics: samples.map((sample) => toMetric(sample, nanos(nowMillis)))
        }
      ]
    }
  ]
})
