export const median = (values: ReadonlyArray<number>): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** Times in milliseconds, in any order. */
export const spreadOf = (times: Iterable<number>) => {
  const sorted = Float64Array.from(times).sort()
  const quantile = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
  return { p50: quantile(0.5), p99: quantile(0.99), longest: quantile(1) }
}

/** The median of the ratios round by round: what slows the machine for a while slows both sides of a pair. */
export const medianRatio = (over: ReadonlyArray<number>, under: ReadonlyArray<number>): number =>
  median(over.map((value, index) => value / (under[index] ?? Number.NaN)))

/** The items in another order each round, so that none is always the first or always behind the same one. */
export const rotated = <A>(items: ReadonlyArray<A>, round: number): ReadonlyArray<A> => {
  const turned = items.map((_, index) => items[(index + round) % items.length] as A)
  return Math.floor(round / items.length) % 2 === 0 ? turned : turned.reverse()
}

/** A value for each name. */
export const eachOf = <Name extends string, A>(names: ReadonlyArray<Name>, of: (name: Name) => A): Record<Name, A> =>
  Object.fromEntries(names.map((name) => [name, of(name)])) as Record<Name, A>

export const namesOf = <Name extends string>(record: Readonly<Record<Name, unknown>>): ReadonlyArray<Name> =>
  Object.keys(record) as Array<Name>

/** Sides that took turns, and what was measured of each in each round. */
export interface Paired<Side extends string, Round> {
  readonly medians: Readonly<Record<Side, Figures<Round>>>
  /** Medians of each round's ÷ the same round's of the side that all are compared with. */
  readonly ratios: Readonly<Record<Side, Figures<Round>>>
  readonly rounds: Readonly<Record<Side, ReadonlyArray<Round>>>
}

export type Figures<Round> = Readonly<Record<keyof Round & string, number>>

/** Compares each side with `base`. */
export const paired = <Side extends string, Round extends Figures<Round>>(
  rounds: Readonly<Record<Side, ReadonlyArray<Round>>>,
  base: NoInfer<Side>,
  figures: ReadonlyArray<keyof Round & string>
): Paired<Side, Round> => {
  const sides = namesOf(rounds)
  const column = (side: Side, figure: keyof Round & string) => rounds[side].map((round) => round[figure])
  return {
    medians: eachOf(sides, (side) => eachOf(figures, (figure) => median(column(side, figure)))),
    ratios: eachOf(sides, (side) =>
      eachOf(figures, (figure) => medianRatio(column(side, figure), column(base, figure)))
    ),
    rounds
  }
}
