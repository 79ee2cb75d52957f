import { HttpError } from "./Errors.js"

const HOUR = 3_600_000
const DAY = 24 * HOUR

const formats = new Map<string, Intl.DateTimeFormat>()

const formatOf = (zone: string): Intl.DateTimeFormat => {
  const known = formats.get(zone)
  if (known !== undefined) return known
  try {
    if (!/^[A-Za-z]/.test(zone)) throw new RangeError("An offset is no zone's name")
    const format = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" })
    formats.set(zone, format)
    return format
  } catch {
    throw new HttpError(400, "tz must be an IANA time zone")
  }
}

/** The zone's offset from UTC at an instant, in milliseconds. */
const offsetAt = (zone: string, instant: number): number => {
  if (zone === "UTC") return 0
  const [, sign, hours, minutes, seconds] =
    /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(formatOf(zone).format(instant)) ?? []
  const size = Number(hours ?? 0) * HOUR + Number(minutes ?? 0) * 60_000 + Number(seconds ?? 0) * 1000
  return sign === "-" ? -size : size
}

export const nextDate = (date: string): string => new Date(Date.parse(date) + DAY).toISOString().slice(0, 10)

/** The first instant whose local date is this one. */
export const startOfDay = (zone: string, date: string): number => {
  const midnight = Date.parse(date)
  const candidates = [offsetAt(zone, midnight - DAY), offsetAt(zone, midnight + DAY)]
    .map((offset) => midnight - offset)
    .sort((a, b) => a - b)
  return candidates.find((instant) => instant + offsetAt(zone, instant) >= midnight) ?? midnight
}

/** An instant as a DATETIME in the text of a statement. */
const literal = (instant: number): string => `'${new Date(instant).toISOString().slice(0, 19).replace("T", " ")}'`

/** The second at which the offset becomes another, between two instants. */
const changeBetween = (zone: string, from: number, to: number): number => {
  let [low, high] = [from, to]
  while (high - low > 1000) {
    const middle = low + Math.floor((high - low) / 2000) * 1000
    if (offsetAt(zone, middle) === offsetAt(zone, from)) low = middle
    else high = middle
  }
  return high
}

/**
 * SQL for the local date of a UTC column: the server's own time zone tables are often not installed. Clocks that are set
 * back across midnight would be told apart wrongly; there have been none since 2011.
 */
export const localDate = (zone: string, column: string, from: number, to: number): string => {
  const seconds = (instant: number) => String(offsetAt(zone, instant) / 1000)
  let offset = seconds(from)
  if (zone !== "UTC") {
    for (let low = from; low < to; low += DAY) {
      const high = Math.min(low + DAY, to)
      if (offsetAt(zone, low) === offsetAt(zone, high)) continue
      const change = changeBetween(zone, low, high)
      offset = `CASE WHEN ${column} < ${literal(change)} THEN ${offset} ELSE ${seconds(change)} END`
    }
  }
  return `DATE(${column} + INTERVAL ${offset} SECOND)`
}
