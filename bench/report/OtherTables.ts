import type { BusyResult } from "../measure/Busy.js"
import type { StartResult } from "../measure/Start.js"
import type { WritersResult } from "../measure/Writers.js"
import { figure, table, times } from "./Table.js"

export const writersTable = ({ errors, rates, triggers }: WritersResult): string =>
  [
    table(
      ["writers at once", "with triggers, tx/s", "without, tx/s", "with ÷ without"],
      rates.map(({ medians, ratio, writers }) => [
        String(writers),
        figure(medians.withTriggers),
        figure(medians.without),
        times(ratio)
      ])
    ),
    triggers === 0
      ? "Note: there are no triggers on the bots' tables, so both columns measure the same."
      : `${triggers} triggers; ${errors.length} errors.`
  ].join("\n")

export const busyText = ({ errors, readP50, reads, seconds, writes }: BusyResult): string =>
  `8 writers on one bot for ${figure(seconds)} s while its dashboard was read: ${writes} writes, ${reads} reads ` +
  `(p50 ${figure(readP50)} ms), ${errors.length} errors; in the end all answers equal the plain server's.`

export const startText = ({ medianMemory, medianSeconds, seconds }: StartResult): string =>
  `Start: ${figure(medianSeconds)} s until /readyz answers 200, ${figure(medianMemory)} MB at rest ` +
  `(medians of ${seconds.length}).`
