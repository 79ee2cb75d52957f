/** Progress for whoever waits, on standard error: standard output is for the tables. */
export const say = (text: string): void => {
  process.stderr.write(`${text}\n`)
}

const since = (start: number): string => `${((performance.now() - start) / 1000).toFixed(1)} s`

/** Says what is being done, and how long it took. */
export const timed = async <A>(what: string, work: () => Promise<A>): Promise<A> => {
  say(`${what} ...`)
  const start = performance.now()
  const result = await work()
  say(`${what}: ${since(start)}`)
  return result
}
