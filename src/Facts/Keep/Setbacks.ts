import { SqlError } from "@effect/sql/SqlError"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { isDenied, isUnavailable, reasonOf, speaksOfTables } from "../../Database/Failure.js"
import type { BotId } from "../../Domain/Ids.js"
import { NO_USER } from "./Users.js"

/** One bot's figures can't be brought up to date, for a reason that says nothing of other bots. */

const FIRST_PAUSE = Duration.seconds(1)
const LONGEST_PAUSE = Duration.minutes(1)

/** The rows of a bot can't be worked out. */
export class Unworkable extends Data.TaggedError("Unworkable")<{
  readonly botId: BotId
  /** Whose rows it is; undefined where it is none of the users alone. */
  readonly user: string | undefined
  readonly reason: string
}> {}

/** What the server, the account or our own tables are to blame for would stop each bot. */
const isOfAll = (error: SqlError): boolean => isUnavailable(error) || isDenied(error) || speaksOfTables(error)

/** Why it is this bot's alone; none where it is not, and for errors that others handle. */
const reasonIn = (cause: Cause.Cause<unknown>): Option.Option<string> => {
  if (Cause.isInterrupted(cause)) return Option.none()
  const error = Cause.squash(cause)
  if (error instanceof SqlError) return isOfAll(error) ? Option.none() : Option.some(reasonOf(error))
  if (Cause.isFailure(cause) && Option.isSome(Cause.failureOption(cause))) return Option.none()
  // The rest of a defect's lines show values.
  return Option.some(String(error instanceof Error ? error.message : error).split("\n")[0] ?? "")
}

const nobody: Effect.Effect<string | undefined> = Effect.succeed(undefined)

/** Turns such a failure into one that names the user, where `culprit` finds one. */
export const orUnworkable = <A, E, R, R2 = never>(
  botId: BotId,
  self: Effect.Effect<A, E, R>,
  culprit: Effect.Effect<string | undefined, never, R2> = nobody
): Effect.Effect<A, E | Unworkable, R | R2> =>
  Effect.catchAllCause(
    self,
    (cause): Effect.Effect<never, E | Unworkable, R2> =>
      Option.match(reasonIn(cause), {
        onNone: () => Effect.failCause(cause),
        onSome: (reason) => Effect.flatMap(culprit, (user) => new Unworkable({ botId, user, reason }))
      })
  )

const whoseRows = (user: string | undefined): string =>
  user === undefined ? "" : user === NO_USER ? ", for rows without a user" : `, for the rows of user ${user}`

interface Setback {
  readonly failures: number
  readonly until: number
}

/** Which bots are left alone for the moment: each failure doubles the pause. */
export const setbacks = () => {
  const known = new Map<BotId, Setback>()

  const isPaused = (botId: BotId, now: number): boolean => (known.get(botId)?.until ?? 0) > now

  const suffer = ({ botId, reason, user }: Unworkable) =>
    Effect.gen(function* () {
      const failures = (known.get(botId)?.failures ?? 0) + 1
      const pause = Duration.min(Duration.times(FIRST_PAUSE, 2 ** Math.min(failures - 1, 20)), LONGEST_PAUSE)
      known.set(botId, { failures, until: (yield* Clock.currentTimeMillis) + Duration.toMillis(pause) })
      yield* Effect.logWarning(
        `The figures of bot ${botId} are not brought up to date${whoseRows(user)}: ${reason}. Trying again in ${Duration.format(pause)}`
      )
    })

  /** None where it failed for this bot alone. Other failures pass. */
  const attempt = <A, E, R>(botId: BotId, self: Effect.Effect<A, E, R>) =>
    Effect.map(orUnworkable(botId, self), (done) => {
      known.delete(botId)
      return Option.some(done)
    }).pipe(
      Effect.catchIf(
        (error) => error instanceof Unworkable,
        (error) => Effect.as(suffer(error), Option.none<A>())
      )
    )

  return { isPaused, attempt } as const
}
