import { Effect } from "effect"
import { WAITING_PER_CONNECTION } from "../Database/Places.js"
import { Pool } from "../Database/Pool.js"
import { ServiceUnavailable } from "../Domain/Errors.js"

/**
 * Nearly every request is statements and little else, one at a time: as many may be in progress as statements may be in
 * use or waiting. With more, the last in line would wait longer than its client does, and all others with it.
 */
const REQUESTS_PER_CONNECTION = 1 + WAITING_PER_CONNECTION

const overloaded = new ServiceUnavailable({
  message: "The service is overloaded: too many requests are in progress. Try again in a few seconds."
})

/** The bound on requests in progress, past which the service refuses at once: slow for some is better than slow for all. */
export class Load extends Effect.Service<Load>()("app/Server/Load", {
  effect: Effect.gen(function* () {
    const pool = yield* Pool
    const limit = pool.figures().size * REQUESTS_PER_CONNECTION
    let inProgress = 0
    let refused = 0

    const isFull = (): boolean => {
      if (inProgress < limit) return false
      refused++
      return true
    }

    /** Refuses where the service is full, and takes no place. */
    const check = Effect.suspend(() => (isFull() ? overloaded : Effect.void))

    /** Runs the request if there is a place for it. It must end, interrupted or not: the caller is uninterruptible. */
    const admit = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E | ServiceUnavailable, R> =>
      Effect.suspend((): Effect.Effect<A, E | ServiceUnavailable, R> => {
        if (isFull()) return overloaded
        inProgress++
        return Effect.matchCauseEffect(self, {
          onFailure: (cause) => {
            inProgress--
            return Effect.failCause(cause)
          },
          onSuccess: (value) => {
            inProgress--
            return Effect.succeed(value)
          }
        })
      })

    return { check, admit, figures: () => ({ limit, inProgress, refused }) } as const
  })
}) {}
