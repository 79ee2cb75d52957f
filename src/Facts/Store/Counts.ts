import { type Fact, QUARTERS_IN_DAY } from "./Fact.js"

/**
 * How many rows of each kind a UTC day has up to the end of each of its quarters of an hour: one row of
 * `bot_analytics_days`. A day of a zone is the rest of one UTC day and the beginning of the next, and with running totals
 * each of the two is one look-up: a year in any zone costs 366 rows.
 *
 * The running totals of a quarter lie side by side, each 4 bytes, big-endian, signed, in the order of `FIGURES`.
 */
export const FIGURES = ["registrations", "payments", "keys", "renewals", "trials", "bills"] as const
export type Figure = (typeof FIGURES)[number]
export type Counts = Record<Figure, number>

const BYTES = 4

/** Bytes of one quarter's running totals. */
export const QUARTER_BYTES = BYTES * FIGURES.length

/** In which figures of a day a fact counts. `bills` are all payments, whatever their status: the list's total. */
const figuresOf: Record<Fact["metric"], ReadonlyArray<Figure>> = {
  user: ["registrations"],
  key: ["payments", "keys", "bills"],
  renewal: ["payments", "renewals", "bills"],
  other: ["payments", "bills"],
  unpaid: ["bills"],
  trial: ["trials"],
  subscription: [],
  active: []
}

export const noCounts = (): Counts => ({ registrations: 0, payments: 0, keys: 0, renewals: 0, trials: 0, bills: 0 })

/** The running totals of one quarter, from their bytes. */
export const readCounts = (bytes: Buffer): Counts => {
  const counts = noCounts()
  FIGURES.forEach((figure, index) => {
    counts[figure] = bytes.readInt32BE(index * BYTES)
  })
  return counts
}

/** Adds what a fact counts as. */
export const count = (counts: Counts, { metric, n }: Fact): void => {
  for (const figure of figuresOf[metric]) counts[figure] += n
}

/** Changes to the days' rows, collected quarter by quarter. */
export class DayChanges {
  private readonly days = new Map<number, Int32Array>()

  add({ metric, n, quarter }: Fact): void {
    if (quarter === null || figuresOf[metric].length === 0) return
    const day = Math.floor(quarter / QUARTERS_IN_DAY)
    let changes = this.days.get(day)
    if (changes === undefined) {
      changes = new Int32Array(QUARTERS_IN_DAY * FIGURES.length)
      this.days.set(day, changes)
    }
    const first = (quarter - day * QUARTERS_IN_DAY) * FIGURES.length
    for (const figure of figuresOf[metric]) {
      const index = first + FIGURES.indexOf(figure)
      changes[index] = (changes[index] ?? 0) + n
    }
  }

  keys(): ReadonlyArray<number> {
    return [...this.days.keys()]
  }

  /** The row of a day after the changes; `before` is undefined where there is none yet. */
  apply(day: number, before: Buffer | undefined): Buffer {
    const changes = this.days.get(day)
    const after = Buffer.alloc(QUARTERS_IN_DAY * QUARTER_BYTES)
    const running = new Int32Array(FIGURES.length)
    for (let index = 0; index < QUARTERS_IN_DAY * FIGURES.length; index++) {
      const figure = index % FIGURES.length
      running[figure] = (running[figure] ?? 0) + (changes?.[index] ?? 0)
      after.writeInt32BE((before?.readInt32BE(index * BYTES) ?? 0) + (running[figure] ?? 0), index * BYTES)
    }
    return after
  }
}
