import type { Growth, GrowthFigures, GrowthServer } from "../measure/Growth.js"
import { medianRatio } from "../measure/Statistics.js"
import { figure, table, times } from "./Table.js"

export const growthFigure = (
  { figures }: Growth,
  route: string,
  server: GrowthServer,
  sizeName: string
): GrowthFigures | undefined =>
  figures.find((one) => one.route === route && one.server === server && one.size.name === sizeName)

/** The median over the rounds of one latency ÷ another. What is slow was measured in fewer rounds: those are compared. */
export const latencyRatio = (over: GrowthFigures | undefined, under: GrowthFigures | undefined): number => {
  const rounds = Math.min(over?.rounds.length ?? 0, under?.rounds.length ?? 0)
  return medianRatio(over?.rounds.slice(0, rounds) ?? [], under?.rounds.slice(0, rounds) ?? [])
}

/** Latency of each route and server at each size, in milliseconds, and the largest size's ÷ the smallest's. */
export const growthTable = (growth: Growth): string => {
  const sizes = [...new Set(growth.figures.map(({ size }) => size.name))]
  const routes = [...new Set(growth.figures.map(({ route }) => route))]
  const [smallest = "", largest = ""] = [sizes[0], sizes[sizes.length - 1]]
  const rows = routes.flatMap((route) =>
    (["service", "plain"] as const).flatMap((server) => {
      const at = (size: string) => growthFigure(growth, route, server, size)
      if (at(smallest) === undefined) return []
      // The plain server has no cursors: its last page is the one by number.
      const counterpart = growthFigure(growth, route.replace(" by cursor", ""), "plain", largest)
      const compared = latencyRatio(counterpart, at(largest))
      return [
        [
          server === "service" ? route : "",
          server,
          ...sizes.map((size) => figure(at(size)?.p50 ?? Number.NaN)),
          times(latencyRatio(at(largest), at(smallest))),
          server === "service" ? times(compared) : ""
        ]
      ]
    })
  )
  const head = ["p50, ms", "server", ...sizes, `${largest} ÷ ${smallest}`, `plain ÷ service at ${largest}`]
  return [table(head, rows), ...growth.notes.map((note) => `Note: ${note}.`)].join("\n")
}
