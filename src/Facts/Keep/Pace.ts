import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

/** Says a line, unless one was said a moment ago: what goes on for long is said at a pace that somebody can read. */
export const paced = (every: Duration.DurationInput) => {
  let saidAt = Number.NEGATIVE_INFINITY
  return (line: Effect.Effect<void>): Effect.Effect<void> =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      if (now - saidAt < Duration.toMillis(every)) return Effect.void
      saidAt = now
      return line
    })
}
