import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Array from "effect/Array"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import { AppConfig } from "../../Config.js"
import * as Client from "../../Database/Client.js"

import { errorNumber, isDenied, isUnavailable, reasonOf } from "../../Database/Failure.js"

import { Readiness } from "../../Database/Readiness.js"
import * as Suitability from "../../Follower/Suitability.js"
import { auditor } from "../Audit/Auditor.js"
import { type Followed, follow } from "../Setup/Followed.js"
import { dangers, inspect } from "../Setup/Inspect.js"
import { prepare } from "../Setup/Prepare.js"
import { FactsState, type Reason, type Report, type State } from "../State.js"
import { onOwnConnection } from "../Store/Session.js"
import { TABLES } from "../Store/Tables.js"
import { paced } from "./Pace.js"
import { type Round, rounds } from "./Rounds.js"

/** An answer that finds no facts, or a change in the log, wakes the keeper before that. */
const LOOK_EVERY = "2 seconds"
/** What an administrator changes is seen within seconds. */
const INSPECT_EVERY_MILLIS = 5_000
/** As soon as the log is followed again, its server is looked at. */
const WATCH_EVERY = "100 millis"
/** What a short outage takes away is there again by then. */
const LOST_MILLIS = 3_000
const REPORT_EVERY = "5 seconds"
const RETRY_AFTER = "1 second"
const FAILURES_IN_SILENCE = 15
const NOT_READY = "100 millis"
const SHORTEST_PAUSE = Duration.millis(50)
/** Answers work out the users that were changed since the last round, so it is never long ago. */
const LONGEST_PAUSE = Duration.seconds(1)
/** While bots write without a pause, folding takes no more than a fifth of the time of one processor, however slow they are. */
const REST_PER_WORK = 4
const RENEW_WITHIN = "2 seconds"

/** ER_SPECIFIC_ACCESS_DENIED: a right on the whole server, which src/Follower/Suitability.ts asks for. */
const OF_THE_SERVER = 1227

const describe = ({ figures, reasons, remedy }: Report): Effect.Effect<void> => {
  if (figures === "building") return Effect.logInfo("Figures are being built; until then they come from the bots' rows")
  if (figures === "facts" && reasons.length === 0) return Effect.logInfo("Figures come from facts that follow the log")
  const paste = remedy === null ? "" : `. To mend it:\n${remedy}`
  const source = figures === "facts" ? "Figures come from facts, but" : "Figures come from the bots' rows:"
  return Effect.logWarning(`${source} ${reasons.join("; ")}${paste}`)
}

/** The account has lost a right. What is kept is good still, and whose rows have changed is known from the log. */
const denied = (error: SqlError) =>
  Effect.map(Suitability.account, (account): Reason => {
    const reason = `figures are not brought up to date: ${reasonOf(error)}`
    if (errorNumber(error) === OF_THE_SERVER) return { reason }
    const grants = TABLES.map((table) => `GRANT SELECT, INSERT, UPDATE, DELETE ON ${table} TO ${account};`)
    return { reason, remedy: grants.join("\n") }
  })

/** Waits until the bots' tables can be read. */
const untilReady = Effect.map(Readiness, ({ tables }) =>
  Effect.eventually(Effect.tapError(tables, () => Effect.sleep(NOT_READY)))
)

/**
 * Connections that no request waits for: who folds holds one and waits for the log on it, and who audits takes another for
 * each turn; what is looked at may be locked.
 */
const BesidePool = Layer.unwrapEffect(
  Effect.map(AppConfig, ({ database, queryTimeout }) => Client.own({ address: database, size: 2, queryTimeout }))
)

/**
 * Keeps the facts of all bots in the background, where the server's log can be followed. Reads are exact whoever works, and
 * while nobody does.
 */
const keep = Effect.gen(function* () {
  const ready = yield* untilReady
  const state = yield* FactsState
  const { database, logDatabase, migrateOnStart, poolSize } = yield* AppConfig
  const failed = yield* Ref.make(0)
  const described = yield* Ref.make("")
  const missing = yield* Ref.make<ReadonlyArray<Reason>>([])

  const tell = paced(REPORT_EVERY)

  const change = (next: State) =>
    Effect.gen(function* () {
      yield* state.set(next)
      const report = yield* state.report
      // Whatever passes by itself is said by the follower.
      const key = JSON.stringify([next._tag, next.reasons, report.figures === "building"])
      if ((yield* Ref.getAndSet(described, key)) !== key) yield* describe(report)
    })

  // While the database is down or busy, the requests log that. Here it matters when it lasts.
  const complain = (what: string) => (error: SqlError) =>
    Effect.gen(function* () {
      const failures = yield* Ref.updateAndGet(failed, (times) => times + 1)
      if (isUnavailable(error) && failures < FAILURES_IN_SILENCE) return
      yield* tell(Effect.logWarning(`${what}: ${reasonOf(error)}. Trying again`))
    })

  const lack = (error: SqlError, what: string) =>
    Effect.flatMap(denied(error), (reason) => Ref.set(missing, [reason])).pipe(Effect.catchAll(complain(what)))

  /** Again, on another connection, where that is lost; `what` it means that it fails. */
  const steadily = <R>(self: Effect.Effect<never, SqlError, R>, what: string) =>
    self.pipe(
      // The server goes by the rights that the account had when this connection was made: the next one may have more.
      Effect.catchTag("SqlError", (error) =>
        Effect.zipRight(isDenied(error) ? lack(error, what) : complain(what)(error), Effect.sleep(RETRY_AFTER))
      ),
      Effect.catchAllDefect((defect) =>
        Effect.zipRight(Effect.logError(what, defect), Effect.sleep(INSPECT_EVERY_MILLIS))
      ),
      Effect.forever
    )

  /** Folds and builds, for as long as it is run. */
  const work = (followed: Followed) =>
    Effect.gen(function* () {
      const current = yield* rounds({
        followed,
        ready,
        isFit: Effect.map(inspect(), (reasons) => reasons.length === 0),
        tell
      })
      const audit = yield* auditor({ followed, ready })
      const publish = Effect.flatMap(state.get, (known) => {
        const unbuilt = current.unbuilt()
        return known._tag === "Follows" && unbuilt !== undefined && known.unbuilt !== unbuilt
          ? change({ ...known, unbuilt })
          : Effect.void
      })
      const woken = Effect.zipRight(state.woken, current.want)
      const untilNext = (took: Duration.Duration, done: Round) => {
        if (done._tag === "Other") return Effect.sleep(RETRY_AFTER)
        if (done._tag === "Hindered" || (done._tag === "Done" && done.more)) return Effect.sleep(SHORTEST_PAUSE)
        const wanted = Effect.raceFirst(followed.follower.change, woken)
        const rest = Duration.clamp(Duration.times(took, REST_PER_WORK), {
          minimum: SHORTEST_PAUSE,
          maximum: LONGEST_PAUSE
        })
        return Effect.zipRight(Effect.timeoutOption(wanted, LOOK_EVERY), Effect.sleep(rest))
      }
      const round = current.round.pipe(
        Effect.zipLeft(Ref.set(failed, 0)),
        Effect.tap(({ _tag }) => (_tag === "Done" ? Ref.set(missing, []) : Effect.void)),
        Effect.zipLeft(publish),
        Effect.timed,
        Effect.flatMap(([took, done]) => untilNext(took, done)),
        Effect.catchTags({ Fenced: () => Effect.sleep(SHORTEST_PAUSE), NotFollowing: () => Effect.sleep(RETRY_AFTER) })
      )
      const keeping = Effect.zipRight(
        Effect.addFinalizer(() => Effect.ignore(current.release)),
        Effect.forever(round)
      )
      return yield* Effect.zipRight(
        steadily(onOwnConnection(keeping), "Figures are not brought up to date"),
        steadily(Effect.forever(audit), "Figures are not audited"),
        { concurrent: true }
      )
    }).pipe(Effect.provide(BesidePool))

  /** Looks whether the log still tells all, until it does not. */
  const watch = (followed: Followed) =>
    Effect.gen(function* () {
      let inspectedAt = yield* Clock.currentTimeMillis
      let lostSince: number | undefined
      while (true) {
        const now = yield* Clock.currentTimeMillis
        const fresh = yield* followed.unvouched
        const following = yield* followed.follower.state
        lostSince = following._tag === "Lost" ? (lostSince ?? now) : undefined
        const isLost = lostSince !== undefined && now - lostSince > LOST_MILLIS
        if (fresh !== undefined || now - inspectedAt > INSPECT_EVERY_MILLIS) {
          // While it is read, that it can be read needs not be tried.
          const reasons = yield* Effect.option(inspect(isLost ? logDatabase : undefined))
          inspectedAt = yield* Clock.currentTimeMillis
          if (reasons._tag === "Some") {
            if (reasons.value.length > 0) return reasons.value
            if (fresh !== undefined) followed.vouch(fresh)
            const known = yield* state.get
            const inDanger = yield* Effect.orElseSucceed(dangers, (): ReadonlyArray<Reason> => [])
            const lacking = yield* Ref.get(missing)
            if (known._tag === "Follows") yield* change({ ...known, reasons: [...inDanger, ...lacking] })
          }
        }
        yield* Effect.sleep(WATCH_EVERY)
      }
    })

  const unfit = (reasons: ReadonlyArray<Reason>) =>
    Effect.zipRight(change({ _tag: "Rows", reasons }), Effect.sleep(INSPECT_EVERY_MILLIS))

  /** The server goes by the rights that an account had when it connected: connections that are idle are closed. */
  const renewConnections = Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.scoped(Effect.all(Array.replicate(sql.reserve, poolSize), { concurrency: "unbounded", discard: true }))
  ).pipe(Effect.timeoutOption(RENEW_WITHIN))

  const inspected = Effect.gen(function* () {
    const reasons = yield* inspect(logDatabase)
    const [{ kind } = { kind: undefined }, ...others] = reasons
    if (kind !== "end" || others.length > 0) return reasons
    yield* renewConnections
    return yield* inspect(logDatabase)
  })

  const session = Effect.gen(function* () {
    yield* ready
    const reasons = yield* inspected
    if (reasons.length > 0) return yield* unfit([...reasons, ...(yield* dangers)])
    yield* Effect.scoped(
      Effect.gen(function* () {
        const followed = yield* follow(logDatabase, database.database)
        yield* state.set({ _tag: "Follows", followed, unbuilt: 1, reasons: yield* dangers })
        const found = yield* Effect.raceFirst(watch(followed), work(followed))
        yield* change({ _tag: "Rows", reasons: found })
      })
    )
  }).pipe(
    Effect.catchTag("SqlError", (error) =>
      Effect.zipRight(
        change({ _tag: "Rows", reasons: [{ reason: `the database can't be looked at: ${reasonOf(error)}` }] }),
        Effect.sleep(RETRY_AFTER)
      )
    ),
    Effect.catchAllDefect((defect) =>
      Effect.zipRight(Effect.logError("Figures can't be kept", defect), Effect.sleep(INSPECT_EVERY_MILLIS))
    )
  )

  const prepared = Effect.zipRight(ready, prepare(migrateOnStart)).pipe(
    Effect.catchAll(complain("Figures are not brought up to date"))
  )
  return yield* Effect.zipRight(prepared, Effect.forever(session))
})

const OFF: Reason = { reason: "FACTS=off" }

/** What an earlier version left is in the way of the bots though nothing is kept. */
const watchDangers = Effect.gen(function* () {
  const ready = yield* untilReady
  const state = yield* FactsState
  const look = Effect.flatMap(Effect.zipRight(ready, dangers), (found) => {
    const next: State = { _tag: "Rows", reasons: [OFF, ...found] }
    return Effect.zipRight(state.set(next), found.length === 0 ? Effect.void : Effect.flatMap(state.report, describe))
  })
  yield* Effect.eventually(Effect.tapError(look, () => Effect.sleep(RETRY_AFTER)))
}).pipe(Effect.provide(BesidePool))

/** Keeps the facts as long as the scope is open, if the configuration wants them. */
export const KeeperLive = Layer.scopedDiscard(
  Effect.gen(function* () {
    const { facts } = yield* AppConfig
    const state = yield* FactsState
    if (facts !== "off") return yield* Effect.forkScoped(keep)
    yield* state.set({ _tag: "Rows", reasons: [OFF] })
    yield* Effect.logInfo("Figures come from the bots' rows: FACTS=off")
    return yield* Effect.forkScoped(watchDangers)
  })
)
