import { getHeapStatistics } from "node:v8"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { Gauge } from "prom-client"
import { AppConfig } from "../Config.js"
import { ServiceUnavailable } from "../Domain/Errors.js"
import { MAX_PAGE_BYTES } from "../Domain/Parameters.js"
import { Metrics } from "../Telemetry/Metrics.js"

/** A row's text is held as the database's, as a part of the response, as the whole of it, and by node until it is sent. */
const COPIES = 4

/** What all responses may hold together: the rest is for what comes and goes, and for what is not collected yet. */
const SHARE_OF_HEAP = 1 / 8

const full = new ServiceUnavailable({
  message: "The service is overloaded: too many large answers are on their way. Try again in a few seconds."
})

interface Waiting {
  readonly bytes: number
  readonly turn: () => void
}

/**
 * The memory of responses in flight: bytes, first come first served. Who is to read a page takes as much as a page may
 * hold, and keeps what it came to until the response is sent or its client has gone: so long the request's scope is open.
 */
export class ResponseMemory extends Effect.Service<ResponseMemory>()("app/Lists/ResponseMemory", {
  effect: Effect.gen(function* () {
    const { queryTimeout } = yield* AppConfig
    const { registry } = yield* Metrics
    const page = MAX_PAGE_BYTES * COPIES
    const limit = Math.max(page, getHeapStatistics().heap_size_limit * SHARE_OF_HEAP)
    let held = 0
    // In order, as a Set is, and anybody may leave from the middle.
    const queue = new Set<Waiting>()

    new Gauge({
      name: "response_memory_bytes",
      help: "Memory of answers in flight, as it is reckoned, and the bound past which more have to wait",
      labelNames: ["state"],
      registers: [registry],
      collect() {
        this.set({ state: "held" }, held)
        this.set({ state: "limit" }, limit)
      }
    })

    const take = (bytes: number): boolean => {
      const isFree = queue.size === 0 && held + bytes <= limit
      if (isFree) held += bytes
      return isFree
    }

    const release = (bytes: number): void => {
      held -= bytes
      for (const waiting of queue) {
        if (held + waiting.bytes > limit) return
        held += waiting.bytes
        queue.delete(waiting)
        waiting.turn()
      }
    }

    const taken = (bytes: number) =>
      Effect.async<void>((resume) => {
        if (take(bytes)) return resume(Effect.void)
        let isMine = false
        const waiting: Waiting = {
          bytes,
          turn: () => {
            isMine = true
            resume(Effect.void)
          }
        }
        queue.add(waiting)
        // The interruption may come between the turn and the fiber that waited for it.
        return Effect.sync(() => (isMine ? release(bytes) : void queue.delete(waiting)))
      })

    /**
     * Room for a page until the scope ends. Gives what tells how many bytes of rows it came to: the rest is free for others
     * at once. 503 where none is free in time.
     */
    const room: Effect.Effect<(bytes: number) => void, ServiceUnavailable, Scope.Scope> = Effect.uninterruptibleMask(
      (restore) =>
        Effect.suspend(() =>
          take(page)
            ? Effect.void
            : restore(Effect.timeoutFail(taken(page), { duration: queryTimeout, onTimeout: () => full }))
        ).pipe(
          Effect.zipRight(
            Effect.suspend(() => {
              let mine = page
              const settle = (bytes: number) => {
                const before = mine
                mine = bytes * COPIES
                release(before - mine)
              }
              return Effect.as(
                Effect.addFinalizer(() => Effect.sync(() => release(mine))),
                settle
              )
            })
          )
        )
    )

    return { room } as const
  })
}) {}
