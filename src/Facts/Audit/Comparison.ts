import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { BotTables } from "../../Database/BotTables.js"
import type { BotId } from "../../Domain/Ids.js"
import { changing } from "../Keep/Change.js"
import { comparing } from "../Keep/Standing.js"
import { NO_USER, usersInOrder } from "../Keep/Users.js"
import type { Followed } from "../Setup/Followed.js"
import { decimalOf } from "../Store/Fact.js"
import type { Kept } from "../Store/Kept.js"
import { sumTotals, type Total } from "../Store/Sums.js"
import { totals } from "./Totals.js"

/** Past that many, it is no time for an audit. */
export const WAITING_AT_MOST = 1000

/** For the log's end, as an answer has it. */
const PATIENCE = Duration.seconds(1)

/** What was found of a bot in one snapshot. */
export interface Compared {
  /** As they stood in the snapshot: to be discarded, if they are still those. */
  readonly kept: Kept
  /** Users whose facts are not what is kept of them; none are named where all rows were summed up. */
  readonly users: number
  /** What the rows come to, less what is kept. */
  readonly difference: ReadonlyArray<Total>
  /** Up to which user it went; null where no more follow. */
  readonly passedTo: string | null
}

export const isDifferent = ({ difference, users }: Compared): boolean => users > 0 || difference.length > 0

const signed = (value: bigint | number, text = String(value)): string => (value > 0 ? `+${text}` : text)

const explainTotal = ({ amount, label, metric, n }: Total): string =>
  [
    ...[metric, label].filter((word) => word !== ""),
    ...(n === 0 ? [] : [signed(n)]),
    ...(amount === 0n ? [] : [signed(amount, decimalOf(amount))])
  ].join(" ")

/** How large the difference is, for the log; it names no user. */
export const explain = ({ difference, users }: Compared): string =>
  [...(users === 0 ? [] : [`${users} users`]), ...difference.map(explainTotal)].join(", ")

/**
 * Holds what is kept of a bot against its rows, some of it at a time, in a snapshot each time. What has changed and waits to
 * be folded is taken in or left out; so whatever differs, the log did not tell. Nothing where nothing can be said.
 */
export const comparisons = Effect.gen(function* () {
  const compared = yield* comparing
  const { change } = yield* changing
  const usersAfter = yield* usersInOrder
  const differenceOf = yield* totals

  /** What is missing or too many shows at once in the sums over all rows. */
  const ofTotals = (botId: BotId, followed: Followed, tables: BotTables) =>
    compared(botId, followed, PATIENCE, ({ kept, waiting }) =>
      Effect.gen(function* () {
        if (waiting.length > WAITING_AT_MOST) return undefined
        const pending = yield* change(botId, waiting, tables)
        const difference = yield* differenceOf(botId, tables, sumTotals(pending.difference))
        return { kept, users: 0, difference, passedTo: null } satisfies Compared
      })
    )

  /** What was rewritten in place shows when a user is worked out anew: so many of them, after this one. */
  const ofUsers = (botId: BotId, followed: Followed, tables: BotTables, after: string | null, atOnce: number) =>
    compared(botId, followed, PATIENCE, ({ kept, waiting }) =>
      Effect.gen(function* () {
        const next = yield* usersAfter(botId, after ?? NO_USER, atOnce)
        const left = new Set(waiting)
        const users = (after === null ? [NO_USER, ...next] : next).filter((user) => !left.has(user))
        const found = yield* change(botId, users, tables)
        return {
          kept,
          users: found.users.length,
          difference: sumTotals(found.difference),
          passedTo: next.length < atOnce ? null : (next[next.length - 1] ?? null)
        } satisfies Compared
      })
    )

  const orNothing = <E, R>(self: Effect.Effect<Either.Either<Compared | undefined, string>, E, R>) =>
    Effect.map(self, Either.getOrUndefined)

  return {
    totals: (...args: Parameters<typeof ofTotals>) => orNothing(ofTotals(...args)),
    users: (...args: Parameters<typeof ofUsers>) => orNothing(ofUsers(...args))
  } as const
})
