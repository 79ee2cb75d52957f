import { SqlError } from "@effect/sql/SqlError"
import { Effect, type Scope } from "effect"

/** How many statements may wait for each connection before more are refused at once. */
export const WAITING_PER_CONNECTION = 20

/** The pool's places: one statement each, first come first served, and no more waiting than could ever get their turn. */
export const make = (size: number) =>
  Effect.map(Effect.makeSemaphore(size), (semaphore) => {
    let inUse = 0
    let waiting = 0

    const enter = Effect.suspend(() => {
      if (inUse >= size && waiting >= size * WAITING_PER_CONNECTION) {
        return new SqlError({ message: "Too many statements wait for the database", cause: "PoolExhausted" })
      }
      waiting++
      return Effect.void
    })
    const leaveQueue = Effect.sync(() => void waiting--)
    const leave = Effect.zipRight(
      Effect.sync(() => void inUse--),
      semaphore.release(1)
    )

    /** A place for the length of the scope. Waiting for it can be interrupted. */
    const take: Effect.Effect<void, SqlError, Scope.Scope> = Effect.uninterruptibleMask((restore) =>
      enter.pipe(
        Effect.zipRight(Effect.ensuring(restore(semaphore.take(1)), leaveQueue)),
        Effect.zipRight(Effect.sync(() => void inUse++)),
        Effect.zipRight(Effect.addFinalizer(() => leave))
      )
    )

    return { take, figures: () => ({ size, inUse, waiting }) } as const
  })
