import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { inSnapshot } from "../../Database/OwnConnection.js"
import type { BotId } from "../../Domain/Ids.js"
import type { Anchor } from "../../Follower/Place.js"
import type { Followed } from "../Setup/Followed.js"
import { effective, type Kept, keptRows } from "../Store/Kept.js"
import { globalAnchor } from "../Store/Lease.js"
import { unitsOf } from "./Users.js"

/** Kept facts of a bot that answers use, and who is to be looked at besides. */
export interface Standing {
  readonly kept: Kept
  readonly anchor: Anchor
  /** Whose rows have changed and wait to be folded. */
  readonly waiting: ReadonlyArray<string>
}

/**
 * How the facts of a bot stand, or why no answer would use them. To be asked inside a snapshot, on its own connection;
 * the log may take so long to be read up to its end.
 */
export const standing = Effect.map(keptRows, ({ one }) => {
  return (botId: BotId, { distrust, follower }: Followed, within: Duration.Duration) =>
    Effect.gen(function* () {
      const unused = (reason: string) => Either.left(reason)
      const [row, ofAll] = yield* Effect.all([one(botId), globalAnchor])
      const kept = Option.getOrUndefined(Option.filter(row, ({ isBuilt }) => isBuilt))
      const anchor = Option.getOrUndefined(
        Option.flatMap(Option.fromNullable(kept), (own) => effective(own.anchor, ofAll))
      )
      if (kept === undefined || anchor === undefined) return unused("being built, or about to be")
      yield* follower.upToDate(within)
      const doubt = yield* distrust(anchor)
      if (Option.isSome(doubt)) return unused(`in doubt, and not used (${doubt.value})`)
      const changed = follower.changed(String(botId), anchor)
      const waiting = changed._tag === "Users" ? unitsOf(changed.users) : undefined
      return waiting === undefined
        ? unused("all of its users have changed, and wait to be folded")
        : Either.right({ kept, anchor, waiting } satisfies Standing)
    })
})

/**
 * Holds the facts of a bot against its rows: `work` reads both in one snapshot, and knows who waits to be folded. Or it
 * says why nothing can be said: no answer would use the facts, or rows may have been read that are younger than these.
 */
export const comparing = Effect.map(standing, (standingOf) => {
  return <A, E, R>(
    botId: BotId,
    followed: Followed,
    within: Duration.Duration,
    work: (standing: Standing) => Effect.Effect<A, E, R>
  ) =>
    inSnapshot(
      Effect.gen(function* () {
        const nothing = (reason: string): Either.Either<A, string> => Either.left(reason)
        const found = yield* standingOf(botId, followed, within)
        if (Either.isLeft(found)) return nothing(found.left)
        const compared = yield* work(found.right)
        // A snapshot shows what DDL has done since it was taken: the log may tell of some by now.
        yield* followed.follower.upToDate(within)
        const doubt = yield* followed.distrust(found.right.anchor)
        return Option.isSome(doubt)
          ? nothing(`in doubt since it was looked at (${doubt.value})`)
          : Either.right<A>(compared)
      })
    )
})
