/**
 * The days of a time zone, by an algorithm chosen to be plain rather than fast. Instants are milliseconds since 1970 UTC;
 * a day is `YYYY-MM-DD`, and in between it is the instant at which that day would begin if the zone were UTC.
 *
 * The runtime's `Intl` tells the local time at an instant and so the zone's offset. The offset is read at every hour of the
 * range; where two readings differ, halving the hour finds the second at which it changed. Between changes local time runs
 * like UTC, so the first instant at which a local date is reached is a subtraction.
 */

const second = 1000
const hour = 3600 * second
const day = 24 * hour

/** A stretch from `from` (included) to `to` (not included) in which local time is UTC plus `offset`, all in ms. */
interface Stretch {
  readonly from: number
  readonly to: number
  readonly offset: number
}

const formatOf = (tz: string): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat("en-US", {
    timeZone: tz,
    calendar: "gregory",
    numberingSystem: "latn",
    hourCycle: "h23",
    era: "short",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric"
  })

/** Local time minus UTC at a whole second, in ms, to the second. */
const offsetAt = (format: Intl.DateTimeFormat, instant: number): number => {
  const part: Record<string, string> = {}
  for (const { type, value } of format.formatToParts(instant)) part[type] = value
  const year = part.era?.startsWith("B") ? 1 - Number(part.year) : Number(part.year)
  const local = new Date(0)
  local.setUTCFullYear(year, Number(part.month) - 1, Number(part.day))
  local.setUTCHours(Number(part.hour), Number(part.minute), Number(part.second))
  return local.getTime() - instant
}

/** The stretches of constant offset that make up the time from `from` to `to`, both whole seconds. */
const stretches = (format: Intl.DateTimeFormat, from: number, to: number): ReadonlyArray<Stretch> => {
  const found: Array<Stretch> = []
  let start = from
  let offset = offsetAt(format, from)
  for (let sample = from; sample < to; sample += hour) {
    const next = Math.min(sample + hour, to)
    const nextOffset = offsetAt(format, next)
    if (nextOffset === offset) continue
    let before = sample
    let after = next
    while (after - before > second) {
      const middle = before + Math.floor((after - before) / second / 2) * second
      if (offsetAt(format, middle) === offset) before = middle
      else after = middle
    }
    found.push({ from: start, to: after, offset })
    start = after
    offset = nextOffset
  }
  return [...found, { from: start, to, offset }]
}

/** The first instant whose local date is `date` or later. */
const firstInstant = (pieces: ReadonlyArray<Stretch>, date: number): number => {
  for (const { from, to, offset } of pieces) {
    const reached = Math.max(from, date - offset)
    if (reached < to) return reached
  }
  throw new Error(`No such instant within the window: ${new Date(date).toISOString()}`)
}

/** `YYYY-MM-DD` as the instant at which that day begins in UTC; the day must be a real calendar day. */
export const parseDay = (text: string): number => {
  const date = Date.parse(`${text}T00:00:00Z`)
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || Number.isNaN(date) || new Date(date).toISOString().slice(0, 10) !== text) {
    throw new Error(`Not a calendar day: ${text}`)
  }
  return date
}

// "one entry for every day from `start_date` to `end_date`, both included"
/** The calendar days from the first to the last, both included, a day that the zone skipped among them. */
export const listDays = (startDate: string, endDate: string): ReadonlyArray<string> => {
  const days: Array<string> = []
  for (let date = parseDay(startDate); date <= parseDay(endDate); date += day) {
    days.push(new Date(date).toISOString().slice(0, 10))
  }
  return days
}

// "It runs from the first instant whose local date is that day to the first instant of the next: 23, 24 or 25 hours, and
// not always from 00:00"
/**
 * Where the days of `listDays` begin, and after them where the day after the last begins: day `i` is all instants from
 * element `i` (included) to element `i + 1` (not included).
 *
 * - Where local time goes back across midnight, the day has begun with the first of the two midnights, and the minutes of
 *   the day before that come again belong to it.
 * - "A day that a zone skipped altogether (Pacific/Apia, 2011-12-30) is listed with zeros": it begins where the next does.
 */
export const dayStarts = (startDate: string, endDate: string, tz: string): ReadonlyArray<number> => {
  const first = parseDay(startDate)
  const last = parseDay(endDate) + day
  // No zone was ever a whole day away from UTC, so the window holds every boundary.
  const pieces = stretches(formatOf(tz), first - day, last + day)
  const starts: Array<number> = []
  for (let date = first; date <= last; date += day) starts.push(firstInstant(pieces, date))
  return starts
}

/** The first instant of a day in a zone, ms. */
export const startOfDay = (date: string, tz: string): number => dayStarts(date, date, tz)[0] ?? Number.NaN

/** The first instant after a day in a zone, ms. */
export const endOfDay = (date: string, tz: string): number => dayStarts(date, date, tz)[1] ?? Number.NaN

/** Which of the days, given by `dayStarts`, holds the instant (ms); -1 for none. A day of no length holds none. */
export const dayIndex = (starts: ReadonlyArray<number>, instant: number): number => {
  let low = 0
  let high = starts.length
  // `low` becomes the number of boundaries that are not after the instant.
  while (low < high) {
    const middle = (low + high) >> 1
    if ((starts[middle] ?? Number.NaN) <= instant) low = middle + 1
    else high = middle
  }
  return low === starts.length ? -1 : low - 1
}
