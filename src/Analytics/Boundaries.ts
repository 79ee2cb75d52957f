import { type Days, withinDatabase } from "../Domain/Calendar.js"
import { QUARTER_MILLIS, QUARTERS_IN_DAY } from "../Facts/Store/Fact.js"

/** Where the days of a range begin and end, in quarters of an hour since 1970. */
export interface Boundaries {
  /** One more than there are days. */
  readonly quarters: ReadonlyArray<number>
  /** From the UTC day `from` on, the boundary of a day lies so many quarters after its beginning. */
  readonly positions: ReadonlyArray<{ readonly from: number; readonly position: number }>
}

export const dayOf = (quarter: number): number => Math.floor(quarter / QUARTERS_IN_DAY)
export const positionOf = (quarter: number): number => quarter - dayOf(quarter) * QUARTERS_IN_DAY

/**
 * The boundaries of a range of days, if each lies between two quarters of an hour, and no two within one day of UTC. It is
 * not so in zones that went by the sun until well into the 20th century, and where a country changed sides of the date line.
 */
export const boundariesOf = ({ starts }: Days): Boundaries | undefined => {
  const quarters = starts.map((instant) => withinDatabase(instant) / QUARTER_MILLIS)
  if (!quarters.every(Number.isInteger)) return undefined
  const positions: Array<{ from: number; position: number }> = []
  for (const quarter of quarters) {
    const [day, position] = [dayOf(quarter), positionOf(quarter)]
    const last = positions[positions.length - 1]
    // At a day's beginning there is nothing to look up.
    if (position === 0 || last?.position === position) continue
    if (last !== undefined && boundaryIn(day, quarters, last.position)) return undefined
    positions.push({ from: last === undefined ? dayOf(quarters[0] ?? 0) : day, position })
  }
  return { quarters, positions }
}

const boundaryIn = (day: number, quarters: ReadonlyArray<number>, position: number): boolean =>
  quarters.includes(day * QUARTERS_IN_DAY + position)
