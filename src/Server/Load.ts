import * as Effect from "effect/Effect"
import { WAITING_PER_CONNECTION } from "../Database/Permits.js"
import { Pool } from "../Database/Pool.js"

/**
 * Nearly every request is statements and little else, one at a time: as many may be in progress as statements may be in
 * use or waiting. With more, the last in line would wait longer than its client does, and all others with it.
 */
const REQUESTS_PER_CONNECTION = 1 + WAITING_PER_CONNECTION

/** The bound on requests in progress, past which the service refuses at once: slow for some is better than slow for all. */
export class Load extends Effect.Service<Load>()("app/Server/Load", {
  effect: Effect.gen(function* () {
    const pool = yield* Pool
    const limit = pool.figures().size * REQUESTS_PER_CONNECTION
    let inProgress = 0
    let refused = 0

    /** Whether there is no place for a request, which is refused then. */
    const isFull = (): boolean => {
      if (inProgress < limit) return false
      refused++
      return true
    }

    /** Takes a place, if there is one. Whoever has it gives it back by `leave`, whatever becomes of the request. */
    const enter = (): boolean => {
      if (isFull()) return false
      inProgress++
      return true
    }

    const leave = (): void => {
      inProgress--
    }

    return { isFull, enter, leave, figures: () => ({ limit, inProgress, refused }) } as const
  })
}) {}
