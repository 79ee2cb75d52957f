import { namesOf } from "../measure/Statistics.js"
import type { RouteThroughput } from "../measure/Throughput.js"
import { figure, table, times } from "./Table.js"

const HEAD = ["route", "server", "requests/s", "p50 ms", "p99 ms", "server µs", "MySQL µs"]

/** The service in figures, and in times of what it is compared with. Processor time is for each request. */
export const throughputTable = <Server extends string>(
  measured: ReadonlyArray<RouteThroughput<Server>>,
  base: Server
): string =>
  table(
    [...HEAD, `of ${base}: rate`, "p50", "server", "MySQL"],
    measured.flatMap(({ medians, ratios, route }) =>
      namesOf(medians).map((name, index) => {
        const { databaseCpu, p50, p99, perSecond, serverCpu } = medians[name]
        const of = ratios[name]
        const compared = name === "service" ? [of.perSecond, of.p50, of.serverCpu, of.databaseCpu].map(times) : []
        return [
          index === 0 ? route : "",
          name,
          ...[perSecond, p50, p99, serverCpu, databaseCpu].map(figure),
          ...compared
        ]
      })
    )
  )
