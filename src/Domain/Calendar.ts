import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { stretches } from "./Offsets.js"
import { parameter } from "./Parameters.js"

/**
 * Calendar days in a time zone. A day runs from the first instant whose local date is that day to the first instant of
 * the next: 23, 24 or 25 hours, not always from 00:00, and no time at all where the zone skipped the day.
 *
 * All of it is worked out here and bound as parameters, so that the database's time zone tables, which may be missing or
 * old, have no say.
 */

const DAY = 86_400_000
export const DAY_SECONDS = 86_400

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)

/** By the digits: a response for a year has 365 dates, and Date.parse takes 2026-02-30 for the 2nd of March. */
export const isCalendarDate = (text: string): boolean => {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const [year, month, day] = [Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8))]
  const last = month === 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31
  return month >= 1 && month <= 12 && day >= 1 && day <= last
}

export const CalendarDate = Schema.String.pipe(
  Schema.filter(isCalendarDate, {
    arbitrary: () => (fc) =>
      fc
        .date({ min: new Date(0), max: new Date("9999-12-31"), noInvalidDate: true })
        .map((date) => date.toISOString().slice(0, 10))
  }),
  Schema.brand("CalendarDate"),
  Schema.annotations({
    identifier: "CalendarDate",
    jsonSchema: { type: "string", format: "date", description: "A calendar day", examples: ["2026-01-31"] }
  })
)
export type CalendarDate = string & import("effect/Brand").Brand<"CalendarDate">

const expectedDate = "must be a calendar day that exists, YYYY-MM-DD"

/** A day as a parameter. */
const DateParameter = parameter(expectedDate).pipe(
  Schema.filter(isCalendarDate, { message: () => expectedDate }),
  Schema.brand("CalendarDate")
)

/** A day as a parameter, with what the document says of it. */
export const dateParameter = (description: string, example = "2026-01-31") =>
  DateParameter.annotations({ jsonSchema: { type: "string", format: "date", description, examples: [example] } })

const expectedZone = "must be an IANA time zone such as Europe/Moscow or UTC"

/**
 * What an offset of whole hours is called there: the sign is the other way round. A plus that was not percent-encoded has
 * come as a blank.
 */
const zoneOfOffset = (name: string): string => {
  const [, sign, hours] = /^([ +-])0?(\d{1,2})(?::?00)?$/.exec(name) ?? []
  const zone = `Etc/GMT${sign === "-" ? "+" : "-"}${hours}`
  return hours !== undefined && Option.isSome(DateTime.zoneMakeNamed(zone)) ? `; this offset is ${zone}` : ""
}

/** `tz`: an IANA name or alias that the runtime knows. An offset such as `+03:00` is no zone's name. */
export const ZoneParameter = Schema.transformOrFail(parameter(expectedZone), Schema.TimeZoneNamedFromSelf, {
  strict: true,
  decode: (name, _, ast) =>
    Option.match(/^[A-Za-z]/.test(name) ? DateTime.zoneMakeNamed(name) : Option.none(), {
      onNone: () => ParseResult.fail(new ParseResult.Type(ast, name, expectedZone)),
      onSome: ParseResult.succeed
    }),
  encode: (zone) => ParseResult.succeed(zone.id)
}).annotations({
  message: (issue) => ({
    message: globalThis.Array.isArray(issue.actual)
      ? "is given more than once; give it once"
      : `${expectedZone}${zoneOfOffset(String(issue.actual))}`,
    override: true
  }),
  jsonSchema: {
    type: "string",
    default: "UTC",
    description: "The time zone whose days are meant, an IANA name or alias",
    examples: ["Europe/Moscow"]
  }
})

export const UTC = DateTime.zoneUnsafeMakeNamed("UTC")

const midnightUtc = (date: CalendarDate): number => DateTime.unsafeMake(`${date}T00:00:00Z`).epochMillis

/** How many days a range has, both ends included. */
export const dayCount = (start: CalendarDate, end: CalendarDate): number =>
  Math.round((midnightUtc(end) - midnightUtc(start)) / DAY) + 1

export interface Days {
  readonly dates: ReadonlyArray<CalendarDate>
  /** One more than there are dates: day `i` is [starts[i], starts[i + 1]), in milliseconds since the epoch. */
  readonly starts: ReadonlyArray<number>
}

/** The days from `start` to `end`, both included, and their first instants. */
export const days = (zone: DateTime.TimeZone.Named, start: CalendarDate, end: CalendarDate): Days => {
  const first = midnightUtc(start)
  const count = dayCount(start, end)
  // Offsets lie within 26 hours of UTC, so this covers every instant that has one of the dates anywhere.
  const parts = stretches(zone, first - 2 * DAY, first + (count + 2) * DAY)
  const starts: Array<number> = []
  let part = 0
  for (let day = 0; day <= count; day++) {
    const local = first + day * DAY
    // The earliest instant whose local time is at or past this midnight: in this stretch, or where the next one begins.
    const reached = (index: number): number | undefined => {
      const stretch = parts[index]
      if (stretch === undefined) return undefined
      const instant = Math.max(stretch.from, local - stretch.offset)
      return instant < (parts[index + 1]?.from ?? Number.POSITIVE_INFINITY) ? instant : undefined
    }
    let instant = reached(part)
    while (instant === undefined) instant = reached(++part)
    starts.push(instant)
  }
  const dates = Array.from(
    { length: count },
    (_, day) => new Date(first + day * DAY).toISOString().slice(0, 10) as CalendarDate
  )
  return { dates, starts }
}

/** A stretch of days of 24 hours each, or one day of another length, from the instant `from` up to `to`. */
export interface Run {
  readonly day: number
  readonly from: number
  readonly to: number
  readonly regular: boolean
}

/**
 * The range as few runs of equal days: a clock change or two a year break it, so a year has about five. Days in which no
 * DATETIME can lie are in none, nor are days that have no time at all.
 */
export const runs = ({ starts }: Days): ReadonlyArray<Run> => {
  const found: Array<Run> = []
  const instants = starts.map(withinDatabase)
  for (let day = 0; day + 1 < instants.length; day++) {
    const from = instants[day] ?? 0
    const to = instants[day + 1] ?? 0
    if (to === from) continue
    const regular = to - from === DAY
    const last = found[found.length - 1]
    const continues = last?.regular === true && last.day + (last.to - last.from) / DAY === day
    if (regular && continues) found[found.length - 1] = { ...last, to }
    else found.push({ day, from, to, regular })
  }
  return found
}

/** A range's own rule, for the parameters of a route. */
export const startsBeforeEnd = (range: {
  readonly start_date?: CalendarDate | undefined
  readonly end_date?: CalendarDate | undefined
}) =>
  range.start_date === undefined || range.end_date === undefined || range.start_date <= range.end_date
    ? undefined
    : { path: ["end_date"], message: "must not be before start_date" }

// What a DATETIME can hold. Bounds outside it mean the same as these; the last one is past the last whole second. The
// manuals promise years from 1000 on, and both servers keep earlier ones: 0001-01-01 is .NET's word for no time.
const EARLIEST = Date.parse("0000-01-01T00:00:00Z")
const LATEST = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

/** The nearest instant that a DATETIME can hold, in milliseconds since the epoch. */
export const withinDatabase = (instant: number): number => Math.min(Math.max(instant, EARLIEST), LATEST)

/** An instant as a parameter of a statement. */
export const toDatabase = (instant: number): Date => new Date(withinDatabase(instant))

/** The first instant of a day. */
export const startOf = (zone: DateTime.TimeZone.Named, date: CalendarDate): number =>
  days(zone, date, date).starts[0] ?? 0

/** The first instant after a day. */
export const endOf = (zone: DateTime.TimeZone.Named, date: CalendarDate): number =>
  days(zone, date, date).starts[1] ?? 0
