import { type RouteThroughput, SERVERS } from "../measure/Throughput.js"
import { figure, table, times } from "./Table.js"

const HEAD = [
  "route",
  "server",
  "requests/s",
  "p50 ms",
  "p99 ms",
  "server µs",
  "MySQL µs",
  "of plain: rate",
  "server",
  "MySQL"
]

/** Processor time is for each request. */
export const throughputTable = (measured: ReadonlyArray<RouteThroughput>): string =>
  table(
    HEAD,
    measured.flatMap(({ medians, ratios, route }) =>
      SERVERS.map((name, index) => {
        const { databaseCpu, p50, p99, perSecond, serverCpu } = medians[name]
        const compared =
          name === "service" ? [times(ratios.perSecond), times(ratios.serverCpu), times(ratios.databaseCpu)] : []
        return [
          index === 0 ? route : "",
          name,
          ...[perSecond, p50, p99, serverCpu, databaseCpu].map(figure),
          ...compared
        ]
      })
    )
  )
