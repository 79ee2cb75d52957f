export const median = (values: ReadonlyArray<number>): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** The median of the ratios round by round: what slows the machine for a while slows both sides of a pair. */
export const medianRatio = (over: ReadonlyArray<number>, under: ReadonlyArray<number>): number =>
  median(over.map((value, index) => value / (under[index] ?? Number.NaN)))

/** The items in another order each round, so that none is always the first or always behind the same one. */
export const rotated = <A>(items: ReadonlyArray<A>, round: number): ReadonlyArray<A> => {
  const turned = items.map((_, index) => items[(index + round) % items.length] as A)
  return Math.floor(round / items.length) % 2 === 0 ? turned : turned.reverse()
}
