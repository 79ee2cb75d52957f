import { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** How many statements may wait for each connection before more are rejected at once. */
export const WAITING_PER_CONNECTION = 20

export const exhausted = () =>
  new SqlError({ message: "Too many statements wait for the database", cause: "PoolExhausted" })

export type Permits = ReturnType<typeof make>

/**
 * A semaphore with a bounded queue: one permit for each connection of the pool, first come first served. No more may wait
 * than could ever get their turn. It has callbacks beside its effect, for what each request goes through (src/Database/Runner.ts).
 */
export const make = (size: number) => {
  let inUse = 0
  // In order, as a Set is, and anybody may leave from the middle.
  const queue = new Set<() => void>()

  /** Whether a permit is free. Then it is the caller's until `release`. */
  const tryTake = (): boolean => {
    const isFree = inUse < size
    if (isFree) inUse++
    return isFree
  }

  /** Calls when a permit is the caller's. Returns what leaves the queue; undefined where too many wait already. */
  const wait = (turn: () => void): (() => void) | undefined => {
    if (queue.size >= size * WAITING_PER_CONNECTION) return undefined
    queue.add(turn)
    return () => void queue.delete(turn)
  }

  /** Gives a permit back, to the next in the queue. */
  const release = (): void => {
    const [next] = queue
    if (next === undefined) inUse--
    else {
      queue.delete(next)
      next()
    }
  }

  const taken = Effect.async<void, SqlError>((resume) => {
    let isMine = tryTake()
    const give = () => {
      isMine = true
      resume(Effect.void)
    }
    const leaveQueue = isMine ? undefined : wait(give)
    if (isMine) give()
    else if (leaveQueue === undefined) resume(exhausted())
    // The interruption may come between the turn and the fiber that waited for it.
    return Effect.sync(() => (isMine ? release() : leaveQueue?.()))
  })

  /** A permit for the length of the scope. Waiting for it can be interrupted. */
  const take: Effect.Effect<void, SqlError, Scope.Scope> = Effect.uninterruptibleMask((restore) =>
    Effect.zipRight(
      restore(taken),
      Effect.addFinalizer(() => Effect.sync(release))
    )
  )

  return { tryTake, wait, release, take, figures: () => ({ size, inUse, waiting: queue.size }) } as const
}
