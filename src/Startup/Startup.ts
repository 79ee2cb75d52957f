import type * as SqlClient from "@effect/sql/SqlClient"
import { SqlError } from "@effect/sql/SqlError"
import * as Array from "effect/Array"
import * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import * as Schedule from "effect/Schedule"
import { migrations } from "../../migrations/index.js"
import { commandLine } from "../Config/CommandLine.js"
import { AppConfig } from "../Config.js"
import * as BotTables from "../Database/BotTables.js"
import { isUnavailable, reasonOf, speaksOfTables } from "../Database/Failure.js"
import { explainGap, explainGaps } from "../Database/Gaps.js"
import * as Migrator from "../Database/Migrator.js"
import { ForeignTable } from "../Database/OwnTables.js"
import * as Readiness from "../Database/Readiness.js"
import { doubledBots } from "../Tables/Doubled.js"
import { missingColumns } from "../Tables/Needed.js"
import { unfitColumns, viewsFor } from "../Tables/Unfit.js"
import { explainWithoutBots, isWithoutBots, oddNames } from "./Names.js"

/**
 * What happens in the background: the service waits for the database, migrates it (or waits until somebody has), and looks
 * at the bots' tables, again and again. It listens meanwhile, with the database up or down.
 */

const RETRY_FIRST = Duration.millis(200)
/** What only waiting can mend, such as a database that is down, is there again soon after it is. */
const RETRY_WAITING = Duration.millis(500)
/** What fails the same way each time must not press on a live database. */
const RETRY_FAILING = Duration.seconds(30)
/** A log line for every attempt would bury the rest. */
const REMIND_EVERY = Duration.seconds(30)
/**
 * The bots' software may change its tables while the service runs. An error that speaks of it has them looked at earlier;
 * this is for changes that fail no statement.
 */
const LOOK_AGAIN_EVERY = Duration.seconds(10)

/** Nothing failed, but somebody else has to do something first. */
class NotYet {
  readonly _tag = "NotYet"
  constructor(
    /** For whoever asks. */
    readonly message: string,
    /** What the database said, or what mends it, for the log. */
    readonly detail?: string,
    /** What an administrator pastes to mend it. */
    readonly remedy?: string
  ) {}
}

type NotReady = NotYet | Migrator.Failure

const passesByWaiting = (error: NotReady): boolean => {
  if (error._tag === "NotYet") return true
  const cause = error._tag === "MigrationError" ? error.cause : error
  return cause instanceof SqlError && isUnavailable(cause)
}

const explain = (error: NotReady): string =>
  error._tag !== "NotYet"
    ? Migrator.explain(error)
    : error.detail === undefined
      ? error.message
      : `${error.message}: ${error.detail}`

/** What may be told to anybody: a message of the database may not. */
const tell = (error: NotReady): string => {
  const cause = error._tag === "MigrationError" ? error.cause : error
  return cause instanceof NotYet || cause instanceof ForeignTable ? cause.message : "it waits for the database"
}

export const retryDelay = (error: NotReady, failures: number): Duration.Duration => {
  const growing = Duration.times(RETRY_FIRST, 2 ** Math.min(failures, 10))
  return Duration.min(growing, passesByWaiting(error) ? RETRY_WAITING : RETRY_FAILING)
}

const logReport = ({ applied, gaps }: Migrator.MigrationReport) =>
  Effect.gen(function* () {
    if (applied.length > 0) yield* Effect.logInfo(`Migrated the database: ${applied.join(", ")}`)
    for (const gap of gaps) yield* Effect.logDebug(explainGap(gap))
    if (gaps.length > 0) yield* Effect.logWarning(explainGaps(gaps))
  })

const tellNewer = Effect.flatMap(Migrator.newer(migrations), (names) =>
  names.length === 0 ? Effect.void : Effect.logWarning(Migrator.explainNewer(names))
)

const migrated = ({ database, migrateOnStart }: typeof AppConfig.Service) =>
  Effect.gen(function* () {
    if (migrateOnStart) {
      const withoutBots = yield* isWithoutBots
      const report = yield* Migrator.run(migrations)
      yield* logReport(report)
      if (withoutBots && report.applied.length > 0) yield* Effect.logWarning(explainWithoutBots(database.database))
      return
    }
    const pending = yield* Migrator.pending(migrations)
    if (pending.length === 0) return
    return yield* Effect.fail(
      new NotYet(
        `the database lacks ${pending.join(", ")}; run \`${commandLine("migrate")}\`, or set MIGRATE_ON_START=true`
      )
    )
  })

/** Fails where columns are of types, or texts of a kind, that can't be read right. */
const demandFit = (tables: BotTables.BotTables) =>
  Effect.gen(function* () {
    const unfit = yield* unfitColumns(tables)
    if (unfit.length === 0) return
    const { database } = yield* AppConfig
    const views = viewsFor(database.database, tables, unfit)
    return yield* Effect.fail(
      new NotYet(
        unfit.map(({ reason }) => reason).join("; "),
        `read it through a view (docs/operations.md, "A schema of another shape"), such as ${views.concerned}`,
        views.all
      )
    )
  })

/** The bots' tables, if there is what every answer needs. Those that were found fit before are fit for good. */
const readTables = (isKnown: (shape: string) => boolean) =>
  Effect.gen(function* () {
    const found = yield* BotTables.look
    const missing = missingColumns(found.tables)
    if (missing.length > 0) {
      return yield* Effect.fail(
        new NotYet(`the bots' tables lack ${missing.join(", ")}, without which nothing can be read`)
      )
    }
    // The columns of a view are listed, even where it lacks what it reads from.
    for (const table of BotTables.BOT_TABLES) {
      yield* Effect.mapError(BotTables.probe(table), (error) =>
        speaksOfTables(error) ? new NotYet(`the bots' table ${table} can't be read`, reasonOf(error)) : error
      )
    }
    if (!isKnown(found.shape)) yield* demandFit(found.tables)
    return found
  })

export const layer = Layer.scoped(
  Readiness.Readiness,
  Effect.gen(function* () {
    const config = yield* AppConfig
    const context = yield* Effect.context<SqlClient.SqlClient | AppConfig>()
    const state = yield* Ref.make<Readiness.State>({ _tag: "Waiting", reason: "the service is starting" })
    const reminded = yield* Ref.make({ reason: "", at: 0 })
    const looks = yield* Ref.make({ count: 0, at: 0 })
    const oneLook = yield* Effect.makeSemaphore(1)

    const remind = (reason: string) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const last = yield* Ref.get(reminded)
        if (last.reason === reason && now - last.at < Duration.toMillis(REMIND_EVERY)) return
        yield* Ref.set(reminded, { reason, at: now })
        yield* Effect.logWarning(`Not ready: ${reason}. Trying again until it is`)
      })

    const wait = (error: NotReady) =>
      Effect.zipRight(
        Ref.set(state, {
          _tag: "Waiting",
          reason: tell(error),
          ...(error._tag === "NotYet" && error.remedy !== undefined ? { remedy: error.remedy } : {})
        }),
        remind(explain(error))
      )

    const said = yield* Ref.make<ReadonlyArray<string>>([])
    const sayOnce = (reasons: ReadonlyArray<string>) =>
      Effect.flatMap(Ref.getAndSet(said, reasons), (before) =>
        Effect.forEach(
          reasons.filter((reason) => !before.includes(reason)),
          (reason) => Effect.logWarning(reason),
          { discard: true }
        )
      )

    // Texts that are no amounts were written after the start: then each costs its row alone.
    const oddTexts = (tables: BotTables.BotTables) =>
      Effect.map(unfitColumns(tables), (unfit) =>
        unfit.map(({ reason }) => `${reason}: rows with such a value are left out of lists and figures`)
      )

    // Where it can't be found out, what is known stays: the requests work without it.
    const reasonsFor = (tables: BotTables.BotTables) =>
      Effect.all([oddNames, doubledBots, oddTexts(tables)]).pipe(
        Effect.map(Array.flatten),
        Effect.catchAll(() => Ref.get(said))
      )

    const insist = <A, R>(self: Effect.Effect<A, NotReady, R>, failures = 0): Effect.Effect<A, never, R> =>
      Effect.catchAll(self, (error) =>
        wait(error).pipe(
          Effect.zipRight(Effect.sleep(retryDelay(error, failures))),
          Effect.zipRight(insist(self, failures + 1))
        )
      )

    const look = Effect.gen(function* () {
      const at = yield* Clock.currentTimeMillis
      yield* Ref.update(looks, ({ count }) => ({ count: count + 1, at }))
      const known = yield* Ref.get(state)
      const found = yield* readTables((shape) => known._tag === "Ready" && known.shape === shape)
      const now = yield* reasonsFor(found.tables)
      const before = yield* Ref.getAndUpdate(
        state,
        (last): Readiness.State => ({
          ...(last._tag === "Ready" && last.shape === found.shape ? last : { _tag: "Ready", ...found }),
          reasons: now
        })
      )
      if (before._tag === "Waiting") yield* Effect.logInfo("Ready")
      yield* sayOnce(now)
    })

    /** Looks at the tables, or waits for a look that began later than this. On no connection of the caller's own. */
    const lookAgain = Effect.gen(function* () {
      const { count } = yield* Ref.get(looks)
      yield* Effect.whenEffect(
        Effect.catchTag(look, "NotYet", wait),
        Effect.map(Ref.get(looks), (last) => last.count === count)
      ).pipe(oneLook.withPermits(1))
    }).pipe(Effect.mapInputContext((_: Context.Context<never>) => context))

    const isDue = Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      const isReady = (yield* Ref.get(state))._tag === "Ready"
      return !isReady || now - (yield* Ref.get(looks)).at >= Duration.toMillis(LOOK_AGAIN_EVERY)
    })

    yield* insist(Effect.zipLeft(migrated(config), tellNewer)).pipe(
      Effect.zipRight(insist(look)),
      // What fails here fails in the requests too, and is said there. The tables as last seen go on being used.
      Effect.zipRight(
        Effect.whenEffect(Effect.ignore(lookAgain), isDue).pipe(Effect.schedule(Schedule.spaced(RETRY_WAITING)))
      ),
      Effect.tapDefect((cause) => Effect.logError("The start failed for good", cause)),
      Effect.forkScoped
    )

    return Readiness.make(Ref.get(state), lookAgain)
  })
)
