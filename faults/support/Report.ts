import { appendFileSync } from "node:fs"
import { inject } from "vitest"

/** The figures of one fault, as they are printed at the end of the run. */
export interface Figures {
  readonly fault: string
  readonly requests?: number
  /** Answers that were neither right nor a 503 that says when to come again. */
  readonly wrong?: number
  /** Requests that the service had received and that got no answer. */
  readonly dropped?: number
  readonly statuses?: ReadonlyMap<number, number>
  /** Milliseconds from when a plain client was served again to the first right answer. */
  readonly recovery?: number
  readonly connections?: number
  readonly note?: string
}

/** The files are of processes of their own: what they report goes through a file. */
export const report = ({ statuses, ...figures }: Figures): void => {
  const seen =
    statuses && [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status || "none"}: ${count}`)
  appendFileSync(`${inject("runFolder")}/figures`, `${JSON.stringify({ ...figures, statuses: seen?.join(", ") })}\n`)
}
