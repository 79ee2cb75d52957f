import type * as DateTime from "effect/DateTime"

/** A time zone's offset from UTC, and the instants at which it changes: read off the runtime's own formatting of times. */

const HOUR = 3_600_000
const DAY = 24 * HOUR

const offsetFormats = new Map<string, Intl.DateTimeFormat>()

/** `DateTime` takes 50 µs for an offset, and a long range asks for hundreds: this takes 2. One entry for each zone. */
const offsetFormat = (zone: DateTime.TimeZone.Named): Intl.DateTimeFormat => {
  const known = offsetFormats.get(zone.id)
  if (known) return known
  const format = new Intl.DateTimeFormat("en-US", { timeZone: zone.id, timeZoneName: "longOffset" })
  offsetFormats.set(zone.id, format)
  return format
}

/** The zone's offset from UTC at an instant, in milliseconds. Before standard time, offsets have seconds. */
const offsetAt = (zone: DateTime.TimeZone.Named, instant: number): number => {
  const [, sign, hours, minutes, seconds] =
    /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(offsetFormat(zone).format(instant)) ?? []
  const size = Number(hours ?? 0) * HOUR + Number(minutes ?? 0) * 60_000 + Number(seconds ?? 0) * 1000
  return sign === "-" ? -size : size
}

/** The first instant in (low, high] at which the offset is not what it is at `low`; it changes once in between. */
const changeBetween = (zone: DateTime.TimeZone.Named, low: number, high: number): number => {
  const before = offsetAt(zone, low)
  while (high - low > 1000) {
    const middle = low + Math.floor((high - low) / 2000) * 1000
    if (offsetAt(zone, middle) === before) low = middle
    else high = middle
  }
  return high
}

export interface Stretch {
  readonly from: number
  readonly offset: number
}

/** The changes of offset in (from, to]. No zone changes its offset twice within 12 hours. */
const findChanges = (zone: DateTime.TimeZone.Named, from: number, to: number): ReadonlyArray<Stretch> => {
  const found: Array<Stretch> = []
  let offset = offsetAt(zone, from)
  for (let low = from; low < to; low += DAY / 2) {
    const high = Math.min(low + DAY / 2, to)
    const next = offsetAt(zone, high)
    if (next !== offset) found.push({ from: changeBetween(zone, low, high), offset: next })
    offset = next
  }
  return found
}

/** Finding a year's changes takes a millisecond or two, and nearly all requests are about the same few years and zones. */
const changes = new Map<string, ReadonlyArray<Stretch>>()
const MOST_YEARS = 1000

const changesOfYear = (zone: DateTime.TimeZone.Named, year: number): ReadonlyArray<Stretch> => {
  const key = `${zone.id} ${year}`
  const known = changes.get(key)
  if (known) return known
  const found = findChanges(zone, startOfYear(year), startOfYear(year + 1))
  if (changes.size >= MOST_YEARS) changes.clear()
  changes.set(key, found)
  return found
}

// Date.UTC takes the years 0 to 99 for 1900 to 1999.
const startOfYear = (year: number): number => new Date(0).setUTCFullYear(year, 0, 1)

/** The stretches of constant offset that cover [from, to]. */
export const stretches = (zone: DateTime.TimeZone.Named, from: number, to: number): ReadonlyArray<Stretch> => {
  const found: Array<Stretch> = [{ from, offset: offsetAt(zone, from) }]
  const last = new Date(to).getUTCFullYear()
  for (let year = new Date(from).getUTCFullYear(); year <= last; year++) {
    for (const change of changesOfYear(zone, year)) if (change.from > from && change.from <= to) found.push(change)
  }
  return found
}
