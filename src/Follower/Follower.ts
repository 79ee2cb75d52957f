import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type mysql from "mysql2"
import { reasonOf } from "../Database/Failure.js"
import { type ALL, type Bot, isEmpty } from "./Changes.js"
import { describe, type Seen } from "./Doubt.js"
import * as Dump from "./Dump.js"
import * as Event from "./Event.js"
import * as Interpreter from "./Interpreter.js"
import * as Ledger from "./Ledger.js"
import type { Changed } from "./Pending.js"
import * as Place from "./Place.js"
import * as Server from "./Server.js"
import * as Shared from "./Shared.js"
import * as Slices from "./Slices.js"
import * as Waiters from "./Waiters.js"

/**
 * Follows the server's binary log as a replica does, and tells whose rows have changed. It leaves nothing in the bots'
 * tables, and can't stop a writer.
 *
 * An answer: a snapshot with the facts and their anchor F; `upToDate`, on the snapshot's own connection; `distrust(F)`;
 * the users of `changed(bot, F)` from the rows; and if rows were read, `upToDate` and `distrust(F)` once more, since what
 * DDL changed is seen by a snapshot that is older than it.
 *
 * Whoever brings facts forward takes them up to X, the anchor of an own committed write (`written`), and never up to where
 * the log has been read: the server sends an event before the writer's change can be seen.
 */
export class Follower extends Context.Tag("app/Follower")<
  Follower,
  {
    readonly state: Effect.Effect<State>
    /**
     * Asks for the log's end, and waits until it has been read up to there. On the connection of whoever calls: inside a
     * snapshot, what it shows has then been read. Within a time for both.
     */
    readonly upToDate: (
      within: Duration.Duration
    ) => Effect.Effect<Place.Place, NotFollowing | SqlError, SqlClient.SqlClient>
    /** The same on a connection of the pool, one question for all who come at the same moment: after a statement of one's own. */
    readonly upToDateShared: (within: Duration.Duration) => Effect.Effect<Place.Place, NotFollowing | SqlError>
    /** Why facts that have taken in the log up to there are not to be used: none where they are good. */
    readonly distrust: (anchor: Place.Anchor) => Option.Option<string>
    /** Whose rows changed after `from`, or after it and up to `to`. */
    readonly changed: (bot: Bot, from: Place.Place, to?: Place.Place) => Changed
    /** Facts of the bot have taken in all up to there. */
    readonly forget: (bot: Bot, upTo: Place.Place) => void
    /** Waits until the write that gave the bot's row in our own table this token has been read: where it lies. */
    readonly written: (bot: Bot, token: string, within: Duration.Duration) => Effect.Effect<Place.Anchor, NotFollowing>
    /** Bots that have something pending, and, if so, up to where all bots may have. */
    readonly pending: () => {
      readonly bots: ReadonlyArray<readonly [bot: Bot, users: number | typeof ALL]>
      readonly allBots: Place.Place | undefined
    }
    /** Waits until something more has changed than when it was called. */
    readonly change: Effect.Effect<void>
    readonly figures: Effect.Effect<Figures>
  }
>() {}

export type State =
  /** Not yet, or not any more, connected; what has been read is of no use to an answer. */
  | { readonly _tag: "Lost"; readonly why: Dump.DumpFailed["why"] | "starting"; readonly reason: string }
  /** Reading what was written while it was away. */
  | { readonly _tag: "CatchingUp" }
  /** The number is another after each time that it was lost: the server may have been started with other settings since. */
  | { readonly _tag: "Following"; readonly session: number }

/** An answer from the rows, then, at once. */
export class NotFollowing extends Data.TaggedError("NotFollowing")<{
  readonly why: "lost" | "behind" | "late"
  readonly reason: string
}> {
  override get message(): string {
    return this.reason
  }
}

export interface Figures {
  readonly state: State["_tag"]
  readonly place: Place.Place
  readonly events: number
  readonly bytes: number
  readonly reconnects: number
  readonly doubts: ReadonlyArray<Seen & { readonly count: number }>
  readonly pendingBots: number
  readonly pendingUsers: number
  readonly waiting: number
  /** From the last end of the log that was heard of. */
  readonly bytesBehind: number
  readonly secondsBehind: number
}

export interface FollowerOptions {
  /** How to reach the server itself, not a proxy before it; with the right to read its log. */
  readonly connection: mysql.ConnectionOptions
  /** The bots' database. */
  readonly database: string
  readonly own: Interpreter.OwnTable
  /** Up to where facts have taken in the log: it is read from the oldest that it still has. */
  readonly kept: Effect.Effect<ReadonlyArray<Place.Anchor>, SqlError, SqlClient.SqlClient>
  readonly heartbeat?: Duration.Duration
  /** Users that are remembered one by one; past that, bots as wholes. */
  readonly limit?: number
}

const HEARTBEAT = Duration.millis(500)
const LIMIT = 100_000

const SHORTEST_PAUSE = 100
const LONGEST_PAUSE = 5_000

/** One doubt of a kind and a table a minute is enough for the log. */
const QUIET = Duration.toMillis(Duration.minutes(1))

const failed = (why: Dump.DumpFailed["why"], said: string) => new Dump.DumpFailed({ why, errno: undefined, said })

const moved = failed("moved", "the log that is followed is not that of the bots' database: two servers behind one name")
const wasReset = failed("gone", "the log was reset")
const hasNone = failed("failed", "the server keeps no binary log")

const baseOf = ({ file }: Place.Place) => file.slice(0, file.lastIndexOf("."))

const bytesBetween = (from: Place.Place, to: Place.Place, sizes: ReadonlyMap<number, number>): number => {
  if (from.number === to.number) return Math.max(0, to.offset - from.offset)
  let bytes = to.offset + Math.max(0, (sizes.get(from.number) ?? 0) - from.offset)
  for (let file = from.number + 1; file < to.number; file++) bytes += sizes.get(file) ?? 0
  return bytes
}

export const make = (
  options: FollowerOptions
): Effect.Effect<typeof Follower.Service, never, SqlClient.SqlClient | Scope.Scope> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const onPool = Effect.provideService(SqlClient.SqlClient, sql)
    const heartbeat = options.heartbeat ?? HEARTBEAT
    const limit = options.limit ?? LIMIT
    const ledger = Ledger.make(limit)
    const waiters = Waiters.make<NotFollowing>()
    const changes = Waiters.make<never>()

    let state: State = { _tag: "Lost", why: "starting", reason: "the log is not followed yet" }
    let version = ""
    /** What has been read up to there counts. */
    let reached = Place.make("none.0", 0)
    /** The newest end of the log that was heard of. */
    let end = reached
    /** Columns were asked for when the log ended there: up to there a definition may yet come that makes them wrong. */
    let horizon: Place.Place | undefined
    let sizes: ReadonlyMap<number, number> = new Map()
    /** The log is not what it was where it was left. */
    let isGone = false
    /** The server has begun to send. */
    let isEntered = false
    let [events, bytes, reconnects, failures, groups, lastEventAt] = [0, 0, 0, 0, 0, 0]
    const toldAt = new Map<string, number>()

    /** Ends the session, from outside. */
    let abandon: (reason: Dump.DumpFailed) => void = () => {}

    /**
     * Asks where the log ends. A log only grows: one that ends before what had been read or heard of it when it was asked
     * is another, though its reader may not know yet.
     */
    const endOfLog = Effect.suspend(() => {
      const known = end
      return Effect.flatMap(Server.endOfLog(version), (at) => {
        if (at === undefined) return Effect.fail(hasNone)
        if (Place.isBefore(at, known) && !Place.isBefore(end, known)) {
          abandon(wasReset)
          return Effect.fail(wasReset)
        }
        end = Place.max(end, at)
        return Effect.succeed(at)
      })
    })

    const makeInterpreter = (ignoresCase: boolean) =>
      Interpreter.make(
        { database: options.database, own: options.own, ignoresCase, limit },
        {
          committed: (group) => {
            ledger.take(group)
            if (group.doubts.length > 0 || !isEmpty(group.changes)) groups++
          },
          entered: (file, born) => {
            isEntered = true
            if (!ledger.entered(file, born)) isGone = true
          }
        }
      )
    /** It outlives a connection: transactions that were prepared are kept in it. */
    let interpreter = makeInterpreter(false)

    const notFollowing = () =>
      state._tag === "Lost"
        ? new NotFollowing({ why: "lost", reason: state.reason })
        : new NotFollowing({ why: "behind", reason: "the log is still being caught up with" })

    const lose = (why: Extract<State, { _tag: "Lost" }>["why"], reason: string) =>
      Effect.suspend(() => {
        state = { _tag: "Lost", why, reason }
        waiters.fail(notFollowing())
        return failures === 0 ? Effect.logWarning(`The log is not followed: ${reason}`) : Effect.void
      })

    const tellDoubts = Effect.suspend(() => {
      const news = ledger.news()
      if (news.length === 0) return Effect.void
      return Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        for (const doubt of news) {
          const key = describe(doubt)
          if (now - (toldAt.get(key) ?? Number.NEGATIVE_INFINITY) < QUIET) continue
          toldAt.set(key, now)
          yield* Effect.logWarning(`Figures from before ${Place.format(doubt.place)} are in doubt: ${key}`)
        }
      })
    })

    /** Where it was left, or at the oldest facts that the log still reaches, or at its end. */
    const beginning = ({ end, files, server }: Dump.Dump): Effect.Effect<Place.Place, SqlError> =>
      Effect.gen(function* () {
        if (ledger.server() === server.id && !isGone) return reached
        const isFirst = ledger.server() === undefined
        const there = new Map(files.map(({ file, size }) => [file, size]))
        const kept = isFirst ? yield* onPool(options.kept) : []
        const [oldest] = kept
          .filter((anchor) => anchor.server === server.id && anchor.offset <= (there.get(anchor.file) ?? -1))
          .sort(Place.order)
        const from = oldest ?? Place.make(end.file, end.offset)
        interpreter = makeInterpreter(server.ignoresCase)
        ledger.begin(server.id, from, isFirst ? Option.none() : Option.some("gap"))
        if (oldest !== undefined) ledger.entered(oldest.file, oldest.born)
        isGone = false
        return from
      })

    const learn = (table: Interpreter.Wanted) =>
      onPool(
        Effect.gen(function* () {
          const layout = yield* Server.layoutOf(table)
          if ((yield* Server.id) !== ledger.server()) return yield* moved
          const at = yield* endOfLog
          horizon = horizon === undefined ? at : Place.max(horizon, at)
          interpreter.learn(table, layout)
        })
      )

    const publish = Effect.suspend(() => {
      if (isGone) return Effect.fail(wasReset)
      const place = interpreter.place()
      if (horizon !== undefined && Place.isBefore(place, horizon)) return Effect.void
      horizon = undefined
      reached = Place.max(reached, place)
      end = Place.max(end, place)
      waiters.look()
      changes.look()
      return Effect.void
    })

    const count = (batch: ReadonlyArray<Buffer>) => {
      events += batch.length
      for (const event of batch) bytes += event.length
      const last = batch.at(-1)
      if (last !== undefined) lastEventAt = Event.timeOf(last) || lastEventAt
    }

    const session = Effect.gen(function* () {
      const dump = yield* Dump.connect({ connection: options.connection, heartbeat })
      version = dump.server.version
      if ((yield* onPool(Server.id)) !== dump.server.id) return yield* moved
      const from = yield* beginning(dump)
      sizes = new Map(dump.files.map(({ file, size }) => [Place.make(file, 0).number, size]))
      const target = Place.make(dump.end.file, dump.end.offset)
      reached = from
      end = target
      horizon = undefined
      isEntered = false
      interpreter.begin(from, dump.server.checksums)
      yield* tellDoubts
      const log = yield* dump.start(from)
      state = { _tag: "CatchingUp" }
      const step = Effect.gen(function* () {
        const batch = yield* log.take
        yield* Slices.read(interpreter, batch, publish, learn)
        count(batch)
        yield* tellDoubts
        if (state._tag === "Following" || !isEntered || Place.isBefore(reached, target)) return
        state = { _tag: "Following", session: reconnects }
        failures = 0
        yield* Effect.logInfo(`The log is followed, from ${Place.format(reached)} on`)
      })
      const abandoned = Effect.async<never, Dump.DumpFailed>((resume) => {
        abandon = (reason) => resume(Effect.fail(reason))
      })
      yield* Effect.raceFirst(Effect.forever(step), abandoned)
    })

    const pause = Effect.suspend(() => {
      const millis = Math.min(SHORTEST_PAUSE * 2 ** failures, LONGEST_PAUSE)
      failures++
      reconnects++
      return Effect.sleep(Duration.millis(millis))
    })

    const followed = Effect.scoped(session).pipe(
      Effect.catchTags({
        DumpFailed: ({ said, why }) => {
          // What the log does not have any more is not to be asked for again.
          if (why === "gone") isGone = true
          return lose(why, said)
        },
        SqlError: (error) => lose("unreachable", reasonOf(error))
      }),
      Effect.catchAllDefect((defect) =>
        Effect.zipRight(Effect.logError("The log can't be read", Cause.die(defect)), lose("failed", "it can't be read"))
      ),
      Effect.zipRight(pause),
      Effect.forever
    )
    yield* Effect.forkScoped(followed)

    const askEnd = Effect.suspend(() => {
      if (state._tag !== "Following") return Effect.fail(notFollowing())
      return Effect.catchTag(endOfLog, "DumpFailed", ({ said }) =>
        Effect.fail(new NotFollowing({ why: "lost", reason: said }))
      )
    })
    const askEndTogether = yield* Shared.make(askEnd)

    const reach = (place: Place.Place) =>
      Effect.suspend((): Effect.Effect<Place.Place, NotFollowing> => {
        if (state._tag !== "Following") return Effect.fail(notFollowing())
        if (baseOf(place) !== baseOf(reached)) return Effect.fail(new NotFollowing({ why: "lost", reason: moved.said }))
        return Effect.as(
          waiters.until(() => !Place.isBefore(reached, place)),
          place
        )
      })

    const inTime =
      (within: Duration.Duration) =>
      <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E | NotFollowing, R> =>
        Effect.timeoutFail(self, {
          duration: within,
          onTimeout: () => new NotFollowing({ why: "late", reason: "the log was not read in time" })
        })

    const writeOf = (bot: Bot, token: string) => {
      const place = ledger.written(bot, token)
      return place !== undefined && !Place.isAfter(place, reached) ? place : undefined
    }

    const figures = Effect.map(Clock.currentTimeMillis, (now): Figures => {
      const bytesBehind = bytesBetween(reached, end, sizes)
      return {
        state: state._tag,
        place: reached,
        events,
        bytes,
        reconnects,
        doubts: ledger.doubts(),
        pendingBots: ledger.pending.bots().length,
        pendingUsers: ledger.pending.users(),
        waiting: waiters.size(),
        bytesBehind,
        secondsBehind: bytesBehind === 0 ? 0 : Math.max(0, now / 1000 - lastEventAt)
      }
    })

    return {
      state: Effect.sync(() => state),
      upToDate: (within) => inTime(within)(Effect.flatMap(askEnd, reach)),
      upToDateShared: (within) => inTime(within)(Effect.flatMap(askEndTogether, reach)),
      distrust: (anchor) => ledger.distrust(anchor, reached),
      changed: ledger.pending.changed,
      forget: ledger.pending.forget,
      written: (bot, token, within) =>
        Effect.suspend(() =>
          state._tag === "Lost" ? Effect.fail(notFollowing()) : waiters.until(() => writeOf(bot, token) !== undefined)
        ).pipe(
          Effect.flatMap(() => Effect.fromNullable(writeOf(bot, token))),
          Effect.catchTag("NoSuchElementException", () => Effect.fail(notFollowing())),
          inTime(within)
        ),
      pending: () => ({ bots: ledger.pending.bots(), allBots: ledger.pending.allBots() }),
      change: Effect.suspend(() => {
        const before = groups
        return changes.until(() => groups > before)
      }),
      figures
    }
  })

export const layer = (options: FollowerOptions): Layer.Layer<Follower, never, SqlClient.SqlClient> =>
  Layer.scoped(Follower, make(options))
