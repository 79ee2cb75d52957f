import { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** How many statements may wait for each connection before more are refused at once. */
export const WAITING_PER_CONNECTION = 20

export const exhausted = () =>
  new SqlError({ message: "Too many statements wait for the database", cause: "PoolExhausted" })

export type Places = ReturnType<typeof make>

/** The pool's places: one statement each, first come first served, and no more waiting than could ever get their turn. */
export const make = (size: number) => {
  let inUse = 0
  // In order, as a Set is, and anybody may leave from the middle.
  const queue = new Set<() => void>()

  /** Whether there is a place at once; then it is the caller's until `leave`. */
  const tryTake = (): boolean => {
    const isFree = inUse < size
    if (isFree) inUse++
    return isFree
  }

  /** Calls when a place is the caller's. The answer leaves the queue; it is undefined where too many wait already. */
  const wait = (turn: () => void): (() => void) | undefined => {
    if (queue.size >= size * WAITING_PER_CONNECTION) return undefined
    queue.add(turn)
    return () => void queue.delete(turn)
  }

  /** Gives a place back, to the next in the queue. */
  const leave = (): void => {
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
    return Effect.sync(() => (isMine ? leave() : leaveQueue?.()))
  })

  /** A place for the length of the scope. Waiting for it can be interrupted. */
  const take: Effect.Effect<void, SqlError, Scope.Scope> = Effect.uninterruptibleMask((restore) =>
    Effect.zipRight(
      restore(taken),
      Effect.addFinalizer(() => Effect.sync(leave))
    )
  )

  return { tryTake, wait, leave, take, figures: () => ({ size, inUse, waiting: queue.size }) } as const
}
