import { QUARTER_MILLIS, QUARTERS_IN_DAY } from "../Facts/Store/Fact.js"
import { MONTH_HOURS } from "./Api.js"

/** The last 30 × 24 hours up to now, both ends included, in the pieces that facts are kept in. */
export interface Month {
  readonly start: Date
  readonly end: Date
  /** Whole quarters of an hour, from the first on and before the last, since 1970. */
  readonly quarters: readonly [first: number, end: number]
  /** Whole days of UTC among them, in quarters. */
  readonly days: readonly [first: number, end: number]
  /** Where the whole quarters begin and end: what lies before and after them in the month is less than a quarter. */
  readonly whole: readonly [first: Date, end: Date]
}

/** The month that ends at `now`, milliseconds since 1970. */
export const monthUntil = (now: number): Month => {
  const start = now - MONTH_HOURS * 3_600_000
  const first = Math.ceil(start / QUARTER_MILLIS)
  const end = Math.floor(now / QUARTER_MILLIS)
  return {
    start: new Date(start),
    end: new Date(now),
    quarters: [first, end],
    days: [Math.ceil(first / QUARTERS_IN_DAY) * QUARTERS_IN_DAY, Math.floor(end / QUARTERS_IN_DAY) * QUARTERS_IN_DAY],
    whole: [new Date(first * QUARTER_MILLIS), new Date(end * QUARTER_MILLIS)]
  }
}
