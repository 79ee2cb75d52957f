import { FIGURES } from "../measure/Calls.js"
import type { Growth } from "../measure/Growth.js"
import type { WriteLoadName } from "../measure/Writers.js"
import { LEAST_RATE } from "./AgainstTable.js"
import { growthFigure, latencyRatio } from "./GrowthTable.js"
import type { Results } from "./Results.js"
import { figure, table } from "./Table.js"

/** The targets that the benchmark was made for, and whether this run met them. */
export interface Verdict {
  readonly target: string
  readonly found: string
  readonly state: "met" | "missed" | "not measured"
}

const atLeast = (target: string, least: number, value: number | undefined, unit = "×"): Verdict =>
  judge(target, value, unit, (found) => found >= least)

const atMost = (target: string, most: number, value: number | undefined, unit = "×"): Verdict =>
  judge(target, value, unit, (found) => found <= most)

const judge = (target: string, value: number | undefined, unit: string, isMet: (value: number) => boolean): Verdict =>
  value === undefined || !Number.isFinite(value)
    ? { target, found: "–", state: "not measured" }
    : { target, found: `${figure(value)} ${unit}`, state: isMet(value) ? "met" : "missed" }

const none = (target: string, problems: ReadonlyArray<string> | undefined): Verdict =>
  problems === undefined
    ? { target, found: "–", state: "not measured" }
    : {
        target,
        found: problems.length === 0 ? "none" : `${problems.length}: ${problems[0]}`,
        state: problems.length === 0 ? "met" : "missed"
      }

const throughputVerdicts = ({ throughput }: Results): ReadonlyArray<Verdict> =>
  (throughput?.size.name === "100k" ? throughput.routes : []).flatMap(({ ratios, route }) => [
    atLeast(`${route} at 100k: requests/s ÷ plain's ≥ 1`, 1, ratios.service.perSecond),
    atMost(`${route} at 100k: processor time ÷ plain's ≤ 1`, 1, ratios.service.serverCpu)
  ])

/** Microseconds that an answer may take more than another build's, for figures that are asked of the log. */
const MORE_FOR_FIGURES = 200

const processorTime = ({ databaseCpu, serverCpu }: Readonly<Record<"serverCpu" | "databaseCpu", number>>) =>
  serverCpu + databaseCpu

const againstVerdicts = ({ against }: Results): ReadonlyArray<Verdict> =>
  (against?.routes ?? []).flatMap(({ medians, ratios, route }) => [
    atLeast(`${route}: requests/s ÷ the other build's ≥ ${LEAST_RATE}`, LEAST_RATE, ratios.service.perSecond),
    ...(FIGURES.some(({ name }) => name === route)
      ? [
          atMost(
            `${route}: processor time, MySQL's too, beyond the other build's ≤ ${MORE_FOR_FIGURES} µs`,
            MORE_FOR_FIGURES,
            processorTime(medians.service) - processorTime(medians.other),
            "µs"
          )
        ]
      : [])
  ])

const AGGREGATES = ["analytics-year", "summary"] as const
const CURSORS = ["users", "payments", "subscriptions"].map((list) => `${list}, last page by cursor`)

const growthVerdicts = (growth: Growth | undefined): ReadonlyArray<Verdict> => {
  const ratio = (over: readonly [string, "service" | "plain", string], under: readonly [string, "service", string]) =>
    growth === undefined ? undefined : latencyRatio(growthFigure(growth, ...over), growthFigure(growth, ...under))
  return [
    ...AGGREGATES.map((route) =>
      atLeast(
        `${route} at 1m: plain's latency ÷ ours ≥ 20`,
        20,
        ratio([route, "plain", "1m"], [route, "service", "1m"])
      )
    ),
    ...[...AGGREGATES, ...CURSORS].map((route) =>
      atMost(`${route}: latency at 1m ÷ at 10k ≤ 1.5`, 1.5, ratio([route, "service", "1m"], [route, "service", "10k"]))
    )
  ]
}

const otherVerdicts = ({ big, busy, stale, start, writers }: Results): ReadonlyArray<Verdict> => {
  const rateOf = (name: WriteLoadName) => writers?.loads.find(({ load }) => load === name)?.ratios.followed.perSecond
  return [
    ...(["1 at once", "8 at once"] as const).map((name) =>
      atLeast(`${name} writing: rate while the service follows ÷ without it ≥ 0.9`, 0.9, rateOf(name))
    ),
    none("writers: errors", writers?.errors),
    none("a large transaction elsewhere: answers and writes that fail", big?.errors),
    none("8 writers while the dashboard is read: errors", busy?.errors),
    none("written rows that do not show in the very next answer", stale),
    atMost("start until ready ≤ 1.5 s", 1.5, start?.medianSeconds, "s"),
    atMost("memory at rest ≤ 150 MB", 150, start?.medianMemory, "MB")
  ]
}

export const verdictsOf = (results: Results): ReadonlyArray<Verdict> => [
  ...throughputVerdicts(results),
  ...againstVerdicts(results),
  ...growthVerdicts(results.growth),
  ...otherVerdicts(results)
]

export const verdictsTable = (verdicts: ReadonlyArray<Verdict>): string => {
  const measured = verdicts.filter(({ state }) => state !== "not measured")
  const rows = measured.map(({ found, state, target }) => [target, found, state === "missed" ? "MISSED" : state])
  const others = verdicts.length - measured.length
  return [
    ...(measured.length > 0 ? [table(["target", "found", ""], rows)] : []),
    ...(others > 0 ? [`${others} targets were not measured in this run: they want other sizes or parts.`] : [])
  ].join("\n")
}
