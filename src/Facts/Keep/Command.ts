import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { DatabaseAddress } from "../../Config.js"
import { type Followed, follow } from "../Setup/Followed.js"

/** Reading a log from the oldest facts on may take a while. */
const CATCH_UP = Duration.minutes(10)
const LOOK_EVERY = Duration.millis(50)

/** Follows the log beside the service, for the length of the scope, and vouches for its server, which has been looked at. */
export const followHere = (log: DatabaseAddress, database: string) =>
  Effect.gen(function* () {
    const followed = yield* follow(log, database)
    const vouched = Effect.gen(function* () {
      const session = yield* followed.unvouched
      if (session !== undefined) followed.vouch(session)
      return (yield* followed.hindrance) === undefined
    })
    yield* Effect.repeat(Effect.delay(vouched, LOOK_EVERY), { until: (isSo) => isSo }).pipe(
      Effect.timeoutOption(CATCH_UP)
    )
    return followed satisfies Followed
  })
