import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"

/** Asks again and again until it is so, on the real clock. Dies where that takes longer. */
export const eventually = <E, R>(condition: Effect.Effect<boolean, E, R>, within: Duration.DurationInput) =>
  condition.pipe(
    Effect.repeat({ until: (isSo) => isSo, schedule: Schedule.spaced("20 millis") }),
    Effect.timeoutFail({
      duration: within,
      onTimeout: () => new Error(`It did not come within ${Duration.format(within)}`)
    }),
    Effect.orDie,
    Effect.asVoid
  )
