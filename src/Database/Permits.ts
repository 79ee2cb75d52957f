import { SqlError } from "@effect/sql/SqlError"

/**
 * How many statements may wait for each connection before more are rejected at once. Requests can't be so many
 * (src/Server/Middleware/Load.ts): it bounds the memory of all that the service asks by itself.
 */
export const WAITING_PER_CONNECTION = 40

/** So long after the server had no more connections for us, one more is asked for. */
const GROW_AFTER_MILLIS = 5_000

export const exhausted = () =>
  new SqlError({ message: "Too many statements wait for the database", cause: "PoolExhausted" })

export type Permits = ReturnType<typeof make>

/**
 * A semaphore with a bounded queue: one permit for each connection that there may be, first come first served. No more may
 * wait than could ever get their turn. Where the server gives fewer connections than the pool's size, there are fewer
 * permits, and more again one by one.
 */
export const make = (size: number, mayWait = size * WAITING_PER_CONNECTION) => {
  let limit = size
  let limitedAt = 0
  let inUse = 0
  // In order, as a Set is, and anybody may leave from the middle.
  const queue = new Set<() => void>()

  const mayGrow = () => limit < size && performance.now() - limitedAt > GROW_AFTER_MILLIS

  /** Whether a permit is free. Then it is the caller's until `release`. */
  const tryTake = (): boolean => {
    if (inUse >= limit && mayGrow()) limitTo(limit + 1)
    const isFree = inUse < limit
    if (isFree) inUse++
    return isFree
  }

  /** Calls when a permit is the caller's. Returns what leaves the queue; undefined where too many wait already. */
  const wait = (turn: () => void): (() => void) | undefined => {
    if (queue.size >= mayWait) return undefined
    queue.add(turn)
    return () => void queue.delete(turn)
  }

  /** Gives a permit back, to the next in the queue. */
  const release = (): void => {
    const [next] = queue
    if (next === undefined || inUse > limit) inUse--
    else {
      queue.delete(next)
      next()
    }
  }

  /** No more permits than these for a while. Those in use beyond them are given back as they come. */
  const limitTo = (most: number): void => {
    limit = most
    limitedAt = performance.now()
  }

  return { tryTake, wait, release, limitTo, figures: () => ({ size: limit, inUse, waiting: queue.size }) } as const
}
