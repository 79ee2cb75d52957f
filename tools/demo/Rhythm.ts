/**
 * When people of a Moscow audience do things: evenings more than nights, weekdays more than weekends, more every month.
 * Instants and durations in the demo's generators are whole seconds (instants: since 1970-01-01T00:00:00Z).
 */
import type { Random } from "./Random.js"

export const minute = 60
export const hour = 60 * minute
export const day = 24 * hour

/** Moscow is UTC+3 all year round. */
const moscow = 3 * hour

/** Share of activity by hour of the Moscow day, 0 to 23. */
const hourly = [30, 18, 11, 7, 6, 9, 16, 30, 45, 55, 62, 66, 70, 68, 66, 68, 74, 82, 94, 106, 114, 116, 96, 60] as const

/** Activity by day of the week, Sunday first; the busiest is 1. */
const weekly = [0.62, 0.9, 0.94, 0.95, 0.97, 1, 0.68] as const

const hourlyTotal = hourly.reduce((sum, weight) => sum + weight, 0)

const weekdayWeight = (at: number): number => weekly[new Date((at + moscow) * 1000).getUTCDay()] ?? 1

const hourWeight = (at: number): number => hourly[Math.floor((at + moscow) / hour) % 24] ?? 0

/** A lively moment on the Moscow day of `at`, or a few days around it where that day is a quiet one. */
export const livelyMoment = (random: Random, at: number): number => {
  const wanted = Math.floor((at + moscow) / day) * day - moscow
  let start = wanted
  for (let tries = 0; tries < 4 && !random.chance(weekdayWeight(start) ** 1.5); tries++)
    start = wanted + random.whole(-3, 3) * day
  let left = random.fraction() * hourlyTotal
  let index = 0
  for (const weight of hourly) {
    if (left < weight) break
    left -= weight
    index++
  }
  return start + Math.min(index, 23) * hour + random.whole(0, hour - 1)
}

/** A time in which a bot is advertised: `boost` times the sign-ups, many of them with `name` in `invited`. */
export interface Campaign {
  readonly name: string
  readonly from: number
  readonly to: number
  readonly boost: number
}

/**
 * `count` instants from `from` to `to` (seconds), in ascending order, following the rhythm of the day and the week, the
 * campaigns, and a steady growth to `growth` times the first day's rate.
 */
export const signUpMoments = (
  random: Random,
  options: {
    readonly from: number
    readonly to: number
    readonly count: number
    readonly growth: number
    readonly campaigns: ReadonlyArray<Campaign>
  }
): Float64Array => {
  const { from, to, count, growth, campaigns } = options
  const hours = Math.ceil((to - from) / hour)
  const mood = Array.from({ length: Math.ceil(hours / 24) }, () => 0.75 + random.fraction() * 0.5)
  const upTo = new Float64Array(hours + 1)
  for (let i = 0; i < hours; i++) {
    const at = from + i * hour
    const width = Math.min(hour, to - at) / hour
    const boost = campaigns.reduce((most, one) => (at >= one.from && at < one.to ? Math.max(most, one.boost) : most), 1)
    const weight = growth ** (i / hours) * (mood[Math.floor(i / 24)] ?? 1) * weekdayWeight(at) * hourWeight(at) * boost
    upTo[i + 1] = (upTo[i] ?? 0) + weight * width
  }
  // Sums of exponential gaps are uniform order statistics: sorted as they are made.
  const moments = new Float64Array(count)
  let sum = 0
  for (let i = 0; i < count; i++) {
    sum += random.exponential()
    moments[i] = sum
  }
  const scale = (upTo[hours] ?? 0) / (sum + random.exponential())
  let slot = 0
  for (let i = 0; i < count; i++) {
    const target = (moments[i] ?? 0) * scale
    while (slot < hours - 1 && (upTo[slot + 1] ?? 0) <= target) slot++
    const low = upTo[slot] ?? 0
    const share = (target - low) / ((upTo[slot + 1] ?? 0) - low)
    const start = from + slot * hour
    moments[i] = Math.min(to, Math.floor(start + share * Math.min(hour, to - start)))
  }
  return moments
}
