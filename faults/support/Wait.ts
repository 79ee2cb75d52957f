/** Every wait of the suite has an end. */

export const sleep = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis))

/** Asks again until the answer is true, and gives the milliseconds that took. */
export const until = async (
  what: string,
  check: () => boolean | Promise<boolean>,
  within: number,
  every = 20
): Promise<number> => {
  const started = performance.now()
  while (!(await check())) {
    if (performance.now() - started > within) throw new Error(`within ${within} ms it did not happen that ${what}`)
    await sleep(every)
  }
  return performance.now() - started
}

/** What came, or a failure when it does not come in time. */
export const inTime = async <A>(what: string, promise: Promise<A>, within: number): Promise<A> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`within ${within} ms it did not happen that ${what}`)), within)
  })
  return await Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
