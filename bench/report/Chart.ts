import type { Growth, GrowthServer } from "../measure/Growth.js"

/** Latency against size, both in powers of ten, as an SVG that can be read on white and on dark paper. */

interface Series {
  readonly label: string
  readonly color: string
  readonly dashed: boolean
  readonly points: ReadonlyArray<readonly [payments: number, millis: number]>
}

const WIDTH = 880
const HEIGHT = 480
const LEFT = 70
const RIGHT = 630
const TOP = 50
const BOTTOM = 420

/** Of middle lightness each: GitHub shows the picture on white and on near black. */
const INK = "#7d8590"
const TOPICS: ReadonlyArray<{
  readonly label: string
  readonly color: string
  readonly routes: Readonly<Record<GrowthServer, string>>
}> = [
  {
    label: "a year of analytics",
    color: "#3b82f6",
    routes: { service: "analytics-year", plain: "analytics-year" }
  },
  { label: "summary", color: "#d97706", routes: { service: "summary", plain: "summary" } },
  {
    label: "last page of payments",
    color: "#16a34a",
    routes: { service: "payments, last page by cursor", plain: "payments, last page" }
  }
]

const seriesOf = ({ figures }: Growth): ReadonlyArray<Series> =>
  TOPICS.flatMap(({ color, label, routes }) =>
    (["service", "plain"] as const).map((server) => ({
      label: `${label}, ${server}`,
      color,
      dashed: server === "plain",
      points: figures
        .filter((one) => one.server === server && one.route === routes[server])
        .map(({ p50, size }) => [size.payments, p50] as const)
    }))
  ).filter(({ points }) => points.length > 0)

/** The powers of ten around the values. */
const decades = (values: ReadonlyArray<number>): ReadonlyArray<number> => {
  const low = Math.floor(Math.log10(Math.min(...values)))
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))))
  return Array.from({ length: high - low + 1 }, (_, index) => low + index)
}

const count = (power: number): string =>
  power >= 6 ? `${10 ** (power - 6)} million` : power >= 3 ? `${10 ** (power - 3)} thousand` : String(10 ** power)

const duration = (power: number): string =>
  power >= 3 ? `${10 ** (power - 3)} s` : power >= 0 ? `${10 ** power} ms` : `${10 ** (power + 3)} µs`

/** Moves labels apart, from the top down, so that lines which end close to one another can be told. */
const apart = (wanted: ReadonlyArray<number>, gap: number): ReadonlyArray<number> => {
  const order = wanted.map((y, index) => ({ y, index })).sort((a, b) => a.y - b.y)
  const placed = new Array<number>(wanted.length)
  let free = Number.NEGATIVE_INFINITY
  for (const { index, y } of order) {
    const place = Math.max(y, free)
    placed[index] = place
    free = place + gap
  }
  return placed
}

export const growthChart = (growth: Growth): string => {
  const series = seriesOf(growth)
  const all = series.flatMap(({ points }) => points)
  const xs = decades(all.map(([payments]) => payments))
  const ys = decades(all.map(([, millis]) => millis))
  const scale = (value: number, powers: ReadonlyArray<number>, from: number, to: number) => {
    const [low = 0, high = 1] = [powers[0], powers[powers.length - 1]]
    return from + ((Math.log10(value) - low) / (high - low)) * (to - from)
  }
  const x = (payments: number) => scale(payments, xs, LEFT, RIGHT)
  const y = (millis: number) => scale(millis, ys, BOTTOM, TOP)
  const text = (at: readonly [number, number], content: string, more = "") =>
    `<text x="${at[0].toFixed(1)}" y="${at[1].toFixed(1)}" fill="${INK}"${more}>${content}</text>`
  const grid = [
    ...ys.map((power) => {
      const at = y(10 ** power).toFixed(1)
      return `<line x1="${LEFT}" x2="${RIGHT}" y1="${at}" y2="${at}"/>`
    }),
    ...xs.map((power) => {
      const at = x(10 ** power).toFixed(1)
      return `<line x1="${at}" x2="${at}" y1="${TOP}" y2="${BOTTOM}"/>`
    })
  ]
  const ends = apart(
    series.map(({ points }) => y(points[points.length - 1]?.[1] ?? 1)),
    18
  )
  const lines = series.map(({ color, dashed, label, points }, index) => {
    const path = points.map(([payments, millis]) => `${x(payments).toFixed(1)},${y(millis).toFixed(1)}`).join(" ")
    const dots = points.map(
      ([payments, millis]) => `<circle cx="${x(payments).toFixed(1)}" cy="${y(millis).toFixed(1)}" r="3.5"/>`
    )
    const end = points[points.length - 1]
    const from = end === undefined ? "" : `${x(end[0]).toFixed(1)},${y(end[1]).toFixed(1)}`
    const place = ends[index] ?? 0
    return `<g fill="${color}" stroke="${color}">
<polyline points="${path}" fill="none" stroke-width="2.2"${dashed ? ' stroke-dasharray="7 5"' : ""}/>
${dots.join("")}
<polyline points="${from} ${RIGHT + 14},${place.toFixed(1)}" fill="none" stroke-width="0.8" opacity="0.6"/>
<text x="${RIGHT + 18}" y="${(place + 4).toFixed(1)}" stroke="none">${label}</text>
</g>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="Latency of one request against the number of payments, this service and a plain server">
${text([LEFT, 24], "Time for one answer, by the payments of the bot (both axes logarithmic)", ' font-size="15" font-weight="600"')}
<g stroke="${INK}" stroke-width="1" opacity="0.25">${grid.join("")}</g>
${ys.map((power) => text([LEFT - 8, y(10 ** power) + 4], duration(power), ' text-anchor="end"')).join("\n")}
${xs.map((power) => text([x(10 ** power), BOTTOM + 22], count(power), ' text-anchor="middle"')).join("\n")}
${text([(LEFT + RIGHT) / 2, BOTTOM + 46], "payments", ' text-anchor="middle"')}
${lines.join("\n")}
</svg>
`
}
