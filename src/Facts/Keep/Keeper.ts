import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import { AppConfig } from "../../Config.js"
import type { BotTables } from "../../Database/BotTables.js"
import { isUnavailable, reasonOf } from "../../Database/Failure.js"
import { explainGap, type Gap } from "../../Database/Gaps.js"
import { Readiness } from "../../Database/Readiness.js"
import { reasonsOf, signature } from "../Setup/Inspect.js"
import { setUp } from "../Setup/Setup.js"
import { FactsState, type State, starting, wordOf } from "../State.js"
import { withLock } from "../Store/Lock.js"
import { building } from "./Build.js"
import { folding } from "./Fold.js"

/** Without a read that finds something to do, it is looked for this often. */
const LOOK_EVERY = "2 seconds"
/** An administrator may grant a right, or a bot's software may change a column. */
const INSPECT_EVERY_MILLIS = 30_000
/** Each try to make triggers may hold up the bots' statements for a second, where a table is locked. */
const TRY_TRIGGERS_EVERY_MILLIS = 120_000
const REPORT_EVERY_MILLIS = 5_000
const RETRY_AFTER = "1 second"
const FAILURES_IN_SILENCE = 15
const NOT_READY = "100 millis"
/** Each read that meets a mark wakes the keeper. */
const PAUSE = "50 millis"

const describe = (state: State): Effect.Effect<void> => {
  if (state._tag === "Direct") {
    return Effect.logWarning(`Figures are worked out from the bots' rows each time: ${state.reasons.join("; ")}`)
  }
  return Effect.logInfo(
    state.unbuilt > 0
      ? `The figures of ${state.unbuilt} bots are being built; until then they are worked out from the bots' rows`
      : "Figures are answered from facts that are kept up to date"
  )
}

/**
 * Keeps the facts of all bots in the background. It builds them where there are none, folds what the bots' writes have
 * marked, and looks whether the triggers are still there. One of several processes works at a time. Reads are exact whoever
 * works, and while nobody does.
 */
const keep = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const readiness = yield* Readiness
  const state = yield* FactsState
  const { migrateOnStart } = yield* AppConfig
  const { foldEverything } = yield* folding
  const { buildBot, unbuilt } = yield* building
  const reportedAt = yield* Ref.make(0)
  const triedAt = yield* Ref.make(Number.NEGATIVE_INFINITY)
  const failed = yield* Ref.make(0)
  const knownGaps = yield* Ref.make("")
  const known = yield* Ref.make<{ readonly signature: string; readonly at: number } | undefined>(undefined)

  /** Says it, unless something was said a moment ago. */
  const report = (line: Effect.Effect<void>) =>
    Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      if (now - (yield* Ref.get(reportedAt)) < REPORT_EVERY_MILLIS) return
      yield* Ref.set(reportedAt, now)
      yield* line
    })

  /** Says what is missing, once. */
  const reportGaps = (gaps: ReadonlyArray<Gap>) =>
    Effect.gen(function* () {
      const lines = gaps.map(explainGap)
      if ((yield* Ref.getAndSet(knownGaps, lines.join())) === lines.join()) return
      for (const line of lines) yield* Effect.logWarning(line)
    })

  const change = (next: State) =>
    Effect.gen(function* () {
      const before = yield* state.get
      yield* state.set(next)
      if (wordOf(before) !== wordOf(next) || before === starting) yield* describe(next)
    })

  /** Rows that are gone without a mark, as after TRUNCATE: all of the bot's facts are worked out again. */
  const dropDoubtful = Effect.gen(function* () {
    for (const botId of yield* state.takeDoubts) {
      yield* Effect.logWarning(`Rows of bot ${botId} changed without its triggers: its figures are built anew`)
      yield* sql`DELETE FROM bot_analytics_bots WHERE bot_id = ${botId}`
    }
  })

  const work = (current: string, tables: BotTables) =>
    Effect.gen(function* () {
      yield* dropDoubtful
      yield* foldEverything(tables)
      for (const bot of yield* unbuilt(current)) {
        yield* buildBot(bot, current, tables, (line) => report(Effect.logInfo(line)))
      }
    })

  const isMarked = Effect.map(sql`SELECT 1 FROM bot_analytics_marks LIMIT 1`, (rows) => rows.length > 0)

  const look = (current: string) =>
    Effect.gen(function* () {
      const { length } = yield* unbuilt(current)
      yield* change({ _tag: "Facts", signature: current, unbuilt: length })
      if (length === 0 && !(yield* isMarked) && !(yield* state.inDoubt)) return
      const tables = yield* readiness.tables
      const isOurs = yield* withLock(work(current, tables))
      if (!isOurs) return yield* Effect.sleep(RETRY_AFTER)
      if (length > 0) yield* change({ _tag: "Facts", signature: current, unbuilt: (yield* unbuilt(current)).length })
    })

  /** The signature of the triggers, if there can be facts. It is read each time, the rest now and then. */
  const currentSignature = Effect.gen(function* () {
    const now = yield* Clock.currentTimeMillis
    const last = yield* Ref.get(known)
    if (last !== undefined && now - last.at < INSPECT_EVERY_MILLIS && (yield* signature) === last.signature) {
      return last.signature
    }
    yield* readiness.tables
    const mayCreate = migrateOnStart && now - (yield* Ref.get(triedAt)) >= TRY_TRIGGERS_EVERY_MILLIS
    const { found, gaps } = yield* setUp(mayCreate)
    if (gaps.length > 0) {
      yield* Ref.set(triedAt, now)
      yield* reportGaps(gaps)
    }
    if (found._tag === "Fit") {
      yield* Ref.set(known, { signature: found.signature, at: now })
      return found.signature
    }
    yield* Ref.set(known, undefined)
    yield* change({ _tag: "Direct", reasons: reasonsOf(found) })
    return undefined
  })

  const round = Effect.gen(function* () {
    const current = yield* currentSignature
    if (current !== undefined) yield* look(current)
    yield* Effect.sleep(PAUSE)
    yield* Effect.timeoutOption(state.woken, current === undefined ? INSPECT_EVERY_MILLIS : LOOK_EVERY)
  })

  // While the database is down or busy, the requests log that. Here it matters when it lasts.
  const complain = (error: SqlError) =>
    Effect.gen(function* () {
      const failures = yield* Ref.updateAndGet(failed, (times) => times + 1)
      if (isUnavailable(error) && failures < FAILURES_IN_SILENCE) return
      yield* report(Effect.logWarning(`Figures are not brought up to date: ${reasonOf(error)}. Trying again`))
    })

  return yield* round.pipe(
    Effect.zipLeft(Ref.set(failed, 0)),
    Effect.tapErrorCause(() => Ref.set(known, undefined)),
    Effect.catchTags({
      ServiceUnavailable: () => Effect.sleep(NOT_READY),
      SqlError: (error) => Effect.zipRight(complain(error), Effect.sleep(RETRY_AFTER))
    }),
    Effect.catchAllDefect((defect) =>
      Effect.zipRight(
        Effect.logError("Figures can't be brought up to date", defect),
        Effect.sleep(INSPECT_EVERY_MILLIS)
      )
    ),
    Effect.forever
  )
})

/** Keeps the facts as long as the scope is open, if the configuration wants them. */
export const KeeperLive = Layer.scopedDiscard(
  Effect.gen(function* () {
    const { facts } = yield* AppConfig
    const state = yield* FactsState
    if (facts) return yield* Effect.forkScoped(keep)
    const off: State = { _tag: "Direct", reasons: ["FACTS=false"] }
    return yield* Effect.zipRight(state.set(off), describe(off))
  })
)
