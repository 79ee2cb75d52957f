import * as Effect from "effect/Effect"

/** Those who wait for something of which nobody knows when it comes, and is told when it may have. */
export interface Waiters<E> {
  /** At once where it is so already. */
  readonly until: (isSo: () => boolean) => Effect.Effect<void, E>
  /** Something has changed: lets go of those for whom it is so now. */
  readonly look: () => void
  readonly fail: (error: E) => void
  readonly size: () => number
}

export const make = <E>(): Waiters<E> => {
  interface Waiter {
    readonly isSo: () => boolean
    readonly resume: (result: Effect.Effect<void, E>) => void
  }
  const waiting = new Set<Waiter>()

  const until: Waiters<E>["until"] = (isSo) =>
    Effect.async((resume) => {
      if (isSo()) return resume(Effect.void)
      const waiter = { isSo, resume }
      waiting.add(waiter)
      return Effect.sync(() => waiting.delete(waiter))
    })

  const look = () => {
    for (const waiter of waiting) {
      if (!waiter.isSo()) continue
      waiting.delete(waiter)
      waiter.resume(Effect.void)
    }
  }

  const fail = (error: E) => {
    for (const { resume } of waiting) resume(Effect.fail(error))
    waiting.clear()
  }

  return { until, look, fail, size: () => waiting.size }
}
