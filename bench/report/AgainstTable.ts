import type { BuildName, RouteThroughput } from "../measure/Throughput.js"
import { times } from "./Table.js"
import { throughputTable } from "./ThroughputTable.js"

/** Of the other build's requests a second: a route that has fewer is slower. */
export const LEAST_RATE = 0.97

/** Both builds side by side, and which routes are slower than they were. */
export const againstTable = (measured: ReadonlyArray<RouteThroughput<BuildName>>): string => {
  const slower = measured.filter(({ ratios }) => ratios.service.perSecond < LEAST_RATE)
  const named = slower.map(({ ratios, route }) => `${route} (${times(ratios.service.perSecond)})`)
  const found = named.length === 0 ? "No route is" : `${named.join(", ")}:`
  return `${throughputTable(measured, "other")}\n${found} more than 3 % slower than the other build.`
}
