import type { BigMinute, BigResult } from "../measure/Big.js"
import type { BusyResult } from "../measure/Busy.js"
import type { FirstBuildResult } from "../measure/FirstBuild.js"
import type { StartResult } from "../measure/Start.js"
import { namesOf } from "../measure/Statistics.js"
import type { WritersResult } from "../measure/Writers.js"
import { figure, table, times } from "./Table.js"

const WRITERS = ["writes", "service", "tx/s", "p50 ms", "p99 ms", "service µs", "MySQL µs", "answer p50 ms", "p99 ms"]

const SERVICE = { alone: "none", followed: "follows", asked: "follows, 20 answers/s" }

/** Processor time is for each transaction. */
export const writersTable = ({ errors, loads }: WritersResult): string =>
  [
    table(
      [...WRITERS, "of none: tx/s", "p50", "p99", "MySQL"],
      loads.flatMap(({ load, medians, ratios }) =>
        namesOf(medians).map((side, index) => {
          const { answerP50, answerP99, databaseCpu, p50, p99, perSecond, serviceCpu } = medians[side]
          const of = ratios[side]
          return [
            index === 0 ? load : "",
            SERVICE[side],
            ...[perSecond, p50, p99, serviceCpu, databaseCpu, answerP50, answerP99].map(figure),
            ...(side === "alone" ? [] : [of.perSecond, of.p50, of.p99, of.databaseCpu].map(times))
          ]
        })
      )
    ),
    `${errors.length} errors.`
  ].join("\n")

export const busyText = ({ errors, readP50, reads, seconds, writes }: BusyResult): string =>
  `8 writers on one bot for ${figure(seconds)} s while its dashboard was read: ${writes} writes, ${reads} reads ` +
  `(p50 ${figure(readP50)} ms), ${errors.length} errors; in the end all answers equal the plain server's.`

const BIG = ["a transaction of", "answers", "p50 ms", "p99 ms", "longest ms", "from rows", "waits", "ms each"]

export const bigTable = ({
  beside,
  commitSeconds,
  errors,
  insertSeconds,
  rows,
  seconds,
  without
}: BigResult): string => {
  const row = (name: string, minute: BigMinute) => {
    const { answers, fromRows, longest, longestWrite, p50, p99, waitSeconds, waits, writeP50 } = minute
    return [
      name,
      String(answers),
      ...[p50, p99, longest].map(figure),
      String(fromRows),
      String(waits),
      ...[(waitSeconds * 1000) / waits, writeP50, longestWrite].map(figure)
    ]
  }
  return [
    table([...BIG, "write p50 ms", "longest ms"], [row("none", without), row(`${rows} rows`, beside)]),
    `Each for ${figure(seconds)} s. The transaction's rows took ${figure(insertSeconds)} s, its commit ` +
      `${figure(commitSeconds)} s; ${errors.length} errors.`
  ].join("\n")
}

export const firstBuildTable = (builds: ReadonlyArray<FirstBuildResult>): string =>
  table(
    ["payments", "users", "seconds", "users/s"],
    builds.map(({ medianSeconds, size, users }) => [
      size.name,
      String(users),
      figure(medianSeconds),
      figure(users / medianSeconds)
    ])
  )

export const startText = ({ medianMemory, medianSeconds, seconds }: StartResult): string =>
  `Start: ${figure(medianSeconds)} s until /readyz answers 200, ${figure(medianMemory)} MB at rest ` +
  `(medians of ${seconds.length}).`
