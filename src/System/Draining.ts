import * as Effect from "effect/Effect"

/** Whether the service was told to stop. It then says so to probes, and ends each connection with its next response. */
export class Draining extends Effect.Service<Draining>()("app/System/Draining", {
  sync: () => {
    let started = false
    return {
      isStarted: (): boolean => started,
      start: (): void => {
        started = true
      }
    } as const
  }
}) {}
