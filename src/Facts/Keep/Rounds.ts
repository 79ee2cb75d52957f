import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as BotTables from "../../Database/BotTables.js"
import { lease } from "../../Database/Lease.js"
import type { OwnConnection } from "../../Database/OwnConnection.js"
import type { BotId } from "../../Domain/Ids.js"
import { timeLeft } from "../../Domain/TimeLeft.js"
import type * as Follower from "../../Follower/Follower.js"
import * as Place from "../../Follower/Place.js"
import { botIds } from "../../Tables/BotIds.js"
import type { Followed } from "../Setup/Followed.js"
import { effective, type Fenced, type Kept, keptRows } from "../Store/Kept.js"
import { FACTS_LEASE, globalAnchor, setGlobalAnchor } from "../Store/Lease.js"
import { KEPT } from "../Store/Tables.js"
import { building } from "./Build.js"
import { folding } from "./Fold.js"
import { setbacks } from "./Setbacks.js"
import { unitsOf } from "./Users.js"

/** All bots are looked at this often, without a reason; and with one no more often than that. */
const LOOK_EVERY_MILLIS = 10_000
const LOOK_AGAIN_MILLIS = 300
/** So long bots are built before the others' changes are folded again. */
const BUILD_MILLIS = 1_000
/** Bots in which nothing happens let the log behind them be purged. */
const ADVANCE_EVERY_MILLIS = 60_000
const ADVANCE_BYTES = 1_000_000

/** A bot that took longer than that is named when it is built. */
const LONG_SECONDS = 5

const PATIENCE = Duration.seconds(10)

export interface RoundOptions {
  readonly followed: Followed
  /** Waits until there is something to keep figures of. */
  readonly ready: Effect.Effect<unknown>
  /** Whether facts can be kept still: asked before they are built. */
  readonly isFit: Effect.Effect<boolean, SqlError, SqlClient.SqlClient>
  readonly tell: (line: Effect.Effect<void>) => Effect.Effect<void>
}

/** What a round did. */
export type Round =
  /** There is nothing to do. */
  | { readonly _tag: "Idle" }
  /** The log is not followed at this moment. */
  | { readonly _tag: "Hindered" }
  /** Another process does it. */
  | { readonly _tag: "Other" }
  | { readonly _tag: "Done"; readonly more: boolean }

const isBotId = (text: string): text is `${number}` => /^-?\d{1,15}$/.test(text)

/**
 * Keeps the facts of all bots, round by round: what is in doubt is to be built anew, what has changed is folded, what is not
 * built is built. Each round begins with a committed write of its own, and X is where it lies in the log: all that lies
 * before it can be seen. To be run on a connection of its own, by one process at a time; a second one costs work, no truth.
 */
export const rounds = ({ followed, isFit, ready, tell }: RoundOptions) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const kept = yield* keptRows
    const { fold } = yield* folding
    const { step } = yield* building
    const { release, take } = yield* lease(FACTS_LEASE)
    const { follower } = followed

    let unbuilt: ReadonlyArray<BotId> = []
    let untrusted: ReadonlyArray<Kept> = []
    let isWanted = true
    let lookedAt = Number.NEGATIVE_INFINITY
    /** What had been seen of doubts when all bots were looked at. */
    let signsSeen = ""
    const { attempt, isPaused } = setbacks()
    let seen: { readonly signs: string; readonly tables: BotTables.BotTables } | undefined
    let advanced: { readonly at: number; readonly place: Place.Place } | undefined
    const progress = new Map<BotId, { readonly startedAt: number; readonly about: number; done: number }>()

    /** Another text where there are more doubts. */
    const signs = Effect.map(follower.figures, ({ doubts }) => {
      const { allBots } = follower.pending()
      const count = doubts.reduce((sum, one) => sum + one.count, 0)
      return `${count} ${allBots && Place.format(allBots)}`
    })

    const isTrusted = (row: Kept, ofAll: Option.Option<Place.Anchor>): boolean => {
      if (row.isEmpty) return true
      const anchor = Option.getOrUndefined(effective(row.anchor, ofAll))
      if (anchor === undefined) return false
      const { allBots } = follower.pending()
      if (allBots !== undefined && Place.isAfter(allBots, anchor)) return false
      return Option.isNone(follower.distrust(anchor))
    }

    /**
     * The bots' tables as they are at a place that the log has been read up to, or later. A definition that changes after it
     * is a doubt, and what was kept by the one before is not used.
     */
    const tables = Effect.gen(function* () {
      yield* ready
      const now = yield* signs
      if (seen?.signs !== now) seen = { signs: now, tables: yield* BotTables.read }
      return seen.tables
    })

    /** Looks at all bots, and writes nothing. */
    const look = Effect.gen(function* () {
      isWanted = false
      // What the log does not tell is seen here.
      seen = undefined
      const at = yield* Clock.currentTimeMillis
      const signsNow = yield* signs
      const [rows, ofAll] = yield* Effect.all([kept.all, globalAnchor])
      const bots = yield* botIds
      // What others have folded up to has been read by then.
      yield* follower.upToDate(PATIENCE)
      const known = new Set(rows.map(({ botId }) => botId))
      const good = new Set<BotId>()
      const bad: Array<Kept> = []
      for (const row of rows) {
        if (!isTrusted(row, ofAll)) bad.push(row)
        else if (row.isBuilt) good.add(row.botId)
      }
      untrusted = bad
      const all = [...bots, ...known].filter((botId) => !good.has(botId))
      unbuilt = [...new Set(all)]
      signsSeen = signsNow
      lookedAt = at
    })

    const isLookDue = Effect.gen(function* () {
      const since = (yield* Clock.currentTimeMillis) - lookedAt
      if (since > LOOK_EVERY_MILLIS) return true
      return since > LOOK_AGAIN_MILLIS && (isWanted || (yield* signs) !== signsSeen)
    })

    /** Figures from before are not used any more, by whoever asks. */
    const recordDoubts = Effect.gen(function* () {
      for (const row of untrusted) yield* kept.doubt(row)
      untrusted = []
    })

    /** Those that have something pending, as far as it can be seen already. */
    const pendingBots = () => {
      const ids = follower.pending().bots.map(([bot]) => bot)
      return ids.filter(isBotId).map((bot) => Number(bot) as BotId)
    }

    /** Whether nothing is left of what changed up to `upTo`. */
    const foldBot = (row: Kept, upTo: Place.Anchor, ofAll: Option.Option<Place.Anchor>, now: BotTables.BotTables) =>
      Effect.gen(function* () {
        const from = Option.getOrUndefined(effective(row.anchor, ofAll))
        // Just begun: its users will be looked at later than this.
        if (from === undefined || row.isEmpty) return
        if (!isTrusted(row, ofAll) || !Place.isAfter(upTo, from)) return
        const bot = String(row.botId)
        const changed = follower.changed(bot, from, upTo)
        const users = changed._tag === "Users" ? unitsOf(changed.users) : undefined
        if (users === undefined) {
          yield* kept.doubt(row)
          isWanted = true
          return
        }
        if (users.length === 0) return follower.forget(bot, from)
        yield* fold(row, users, upTo, now)
        follower.forget(bot, upTo)
      })

    const foldPending = (upTo: Place.Anchor) =>
      Effect.gen(function* () {
        const bots = pendingBots()
        if (bots.length === 0) return true
        const now = yield* tables
        const [rows, ofAll] = yield* Effect.all([kept.of(bots), globalAnchor])
        const found = new Set(rows.map(({ botId }) => botId))
        const at = yield* Clock.currentTimeMillis
        // Facts that are still to be built begin later than this.
        for (const bot of bots) if (!found.has(bot)) follower.forget(String(bot), upTo)
        let isWhole = true
        for (const row of rows) {
          const folded = isPaused(row.botId, at)
            ? Option.none()
            : yield* Effect.catchTag(
                attempt(row.botId, foldBot(row, upTo, ofAll, now)),
                "Fenced",
                () => Effect.succeedNone
              )
          if (Option.isNone(folded)) isWhole = false
        }
        return isWhole
      })

    const tellProgress = (botId: BotId, users: number, complete: boolean) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const known = progress.get(botId)
        if (known === undefined) return
        known.done += users
        const seconds = (now - known.startedAt) / 1000
        const bots = unbuilt.length === 0 ? "" : `; bots to build: ${unbuilt.length}`
        if (!complete) {
          const left = timeLeft(seconds, known.done / known.about)
          return yield* tell(
            Effect.logInfo(
              `Building the figures of bot ${botId}: ${known.done} of about ${known.about} users${left}${bots}`
            )
          )
        }
        progress.delete(botId)
        const line = Effect.logInfo(`Built the figures of bot ${botId}: ${known.done} users in ${seconds} s${bots}`)
        // Thousands of small bots are built as quickly as nobody reads.
        yield* seconds > LONG_SECONDS || unbuilt.length === 0 ? line : tell(line)
      })

    const buildSome = (anchor: Place.Anchor) =>
      Effect.gen(function* () {
        const until = (yield* Clock.currentTimeMillis) + BUILD_MILLIS
        for (let now = until - BUILD_MILLIS; now < until; now = yield* Clock.currentTimeMillis) {
          const botId = unbuilt.find((bot) => !isPaused(bot, now))
          if (botId === undefined) return
          if (!progress.has(botId)) {
            const [users] = yield* sql<{
              readonly n: number
            }>`SELECT COUNT(*) AS n FROM users u WHERE u.bot_id = ${botId}`
            progress.set(botId, { startedAt: yield* Clock.currentTimeMillis, about: users?.n ?? 0, done: 0 })
          }
          const done = yield* attempt(botId, step(botId, anchor, yield* tables))
          if (Option.isNone(done)) continue
          const { complete, users } = done.value
          if (complete) unbuilt = unbuilt.filter((bot) => bot !== botId)
          yield* tellProgress(botId, users, complete)
        }
      })

    const isAdvanceDue = Effect.gen(function* () {
      if (advanced === undefined) return true
      const { place } = yield* follower.figures
      if ((yield* Clock.currentTimeMillis) - advanced.at < ADVANCE_EVERY_MILLIS) return false
      return place.number !== advanced.place.number || place.offset - advanced.place.offset > ADVANCE_BYTES
    })

    /** All bots have taken in all up to there, those in which nothing happened too. */
    const advance = (token: string, upTo: Place.Anchor) =>
      Effect.gen(function* () {
        if (!(yield* isAdvanceDue)) return
        if ((yield* signs) !== signsSeen || untrusted.length > 0 || unbuilt.length > 0) return
        // One that is begun later than this look begins later than `upTo` too.
        const open = yield* sql`SELECT 1 FROM ${sql(KEPT)} WHERE built_at IS NULL LIMIT 1`
        if (open.length > 0) return
        const at = yield* Clock.currentTimeMillis
        if (yield* setGlobalAnchor(token, upTo)) advanced = { at, place: upTo }
      })

    /** What was said of all bots of another log is said of none in this one. */
    const checkGlobal = (token: string) =>
      Effect.gen(function* () {
        const ofAll = yield* globalAnchor
        if (Option.isNone(ofAll) || Option.isNone(follower.distrust(ofAll.value))) return
        yield* setGlobalAnchor(token, null)
        advanced = undefined
        yield* look
      })

    /** Others fold: what they have taken in needs not be remembered here. */
    const forgetFolded = Effect.gen(function* () {
      const bots = pendingBots()
      if (bots.length === 0) return
      const [rows, ofAll] = yield* Effect.all([kept.of(bots), globalAnchor])
      yield* follower.upToDate(PATIENCE)
      for (const row of rows) {
        const from = Option.getOrUndefined(effective(row.anchor, ofAll))
        if (from !== undefined && !row.isEmpty && isTrusted(row, ofAll)) follower.forget(String(row.botId), from)
      }
    })

    const work = (token: string) =>
      Effect.gen(function* () {
        const anchor = yield* follower.written(FACTS_LEASE, token, PATIENCE)
        yield* checkGlobal(token)
        yield* recordDoubts
        const isWhole = yield* foldPending(anchor)
        if (unbuilt.length > 0 && (yield* isFit)) yield* buildSome(anchor)
        if (isWhole) yield* advance(token, anchor)
      })

    const round: Effect.Effect<Round, SqlError | Follower.NotFollowing | Fenced, SqlClient.SqlClient | OwnConnection> =
      Effect.gen(function* () {
        if ((yield* followed.hindrance) !== undefined) return { _tag: "Hindered" } as const
        if (yield* isLookDue) yield* look
        const now = yield* Clock.currentTimeMillis
        const isDue = (bot: BotId) => !isPaused(bot, now)
        const isWork = unbuilt.some(isDue) || untrusted.length > 0 || pendingBots().some(isDue)
        if (!isWork && !(yield* isAdvanceDue)) return { _tag: "Idle" } as const
        const taken = yield* take
        if (Option.isNone(taken)) {
          yield* forgetFolded
          return { _tag: "Other" } as const
        }
        yield* work(taken.value)
        const after = yield* Clock.currentTimeMillis
        return { _tag: "Done", more: unbuilt.some((bot) => !isPaused(bot, after)) || isWanted } as const
      }).pipe(
        Effect.tapErrorCause(() =>
          Effect.sync(() => {
            isWanted = true
          })
        )
      )

    return {
      round,
      release,
      want: Effect.sync(() => {
        isWanted = true
      }),
      /** Not known before the first look. */
      unbuilt: () => (lookedAt === Number.NEGATIVE_INFINITY ? undefined : unbuilt.length)
    } as const
  })
