import { SqlError } from "@effect/sql/SqlError"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import * as Schedule from "effect/Schedule"
import { migrations } from "../../migrations/index.js"
import { AppConfig } from "../Config.js"
import * as BotTables from "../Database/BotTables.js"
import { isUnavailable } from "../Database/Failure.js"
import { explainGap } from "../Database/Gaps.js"
import * as Migrator from "../Database/Migrator.js"
import { fromState, Readiness, type State } from "../Database/Readiness.js"
import { missingColumns } from "../Tables/Needed.js"

/**
 * What happens at the start, in the background: the service waits for the database, migrates it (or waits until somebody
 * has), and looks at the bots' tables. It listens meanwhile, with the database up or down.
 */

const RETRY_FIRST = Duration.millis(200)
/** What only waiting can mend, such as a database that is down, is there again soon after it is. */
const RETRY_WAITING = Duration.millis(500)
/** What fails the same way each time must not press on a live database. */
const RETRY_FAILING = Duration.seconds(30)
/** A log line for every attempt would bury the rest. */
const REMIND_EVERY = Duration.seconds(30)
/** The bots' software may change its tables while the service runs. */
const LOOK_AGAIN_EVERY = Duration.seconds(30)

/** Nothing failed, but somebody else has to do something first. */
class NotYet {
  readonly _tag = "NotYet"
  constructor(readonly message: string) {}
}

type NotReady = NotYet | Migrator.MigrationError | SqlError

const passesByWaiting = (error: NotReady): boolean => {
  if (error._tag === "NotYet") return true
  const cause = error._tag === "MigrationError" ? error.cause : error
  return cause instanceof SqlError && isUnavailable(cause)
}

const explain = (error: NotReady): string => (error._tag === "NotYet" ? error.message : Migrator.explain(error))

export const retryDelay = (error: NotReady, failures: number): Duration.Duration => {
  const growing = Duration.times(RETRY_FIRST, 2 ** Math.min(failures, 10))
  return Duration.min(growing, passesByWaiting(error) ? RETRY_WAITING : RETRY_FAILING)
}

const logReport = ({ applied, gaps }: Migrator.MigrationReport) =>
  Effect.gen(function* () {
    if (applied.length > 0) yield* Effect.logInfo(`Migrated the database: ${applied.join(", ")}`)
    for (const gap of gaps) yield* Effect.logWarning(explainGap(gap))
  })

const migrated = (migrateOnStart: boolean) =>
  Effect.gen(function* () {
    if (migrateOnStart) return yield* Effect.flatMap(Migrator.run(migrations), logReport)
    const pending = yield* Migrator.pending(migrations)
    if (pending.length === 0) return
    return yield* Effect.fail(
      new NotYet(`the database lacks ${pending.join(", ")}; run \`npm run migrate\`, or set MIGRATE_ON_START=true`)
    )
  })

const readTables = Effect.flatMap(BotTables.read, (tables) => {
  const missing = missingColumns(tables)
  return missing.length === 0
    ? Effect.succeed(tables)
    : Effect.fail(new NotYet(`the bots' tables lack ${missing.join(", ")}, without which nothing can be read`))
})

export const layer = Layer.scoped(
  Readiness,
  Effect.gen(function* () {
    const { migrateOnStart } = yield* AppConfig
    const state = yield* Ref.make<State>({ _tag: "Waiting", reason: "the service is starting" })
    const reminded = yield* Ref.make({ reason: "", at: 0 })

    const remind = (reason: string) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        const last = yield* Ref.get(reminded)
        if (last.reason === reason && now - last.at < Duration.toMillis(REMIND_EVERY)) return
        yield* Ref.set(reminded, { reason, at: now })
        yield* Effect.logWarning(`Not ready: ${reason}. Trying again until it is`)
      })

    const ready = (tables: BotTables.BotTables) => Ref.set(state, { _tag: "Ready", tables })

    const insist = <A, R>(self: Effect.Effect<A, NotReady, R>, failures = 0): Effect.Effect<A, never, R> =>
      Effect.catchAll(self, (error) =>
        Effect.gen(function* () {
          const reason = explain(error)
          yield* Ref.set(state, { _tag: "Waiting", reason })
          yield* remind(reason)
          yield* Effect.sleep(retryDelay(error, failures))
          return yield* insist(self, failures + 1)
        })
      )

    // What fails here fails in the requests too, and is said there. The tables as last seen go on being used.
    const lookAgain = Effect.ignore(Effect.flatMap(readTables, ready)).pipe(
      Effect.schedule(Schedule.spaced(LOOK_AGAIN_EVERY))
    )

    yield* insist(migrated(migrateOnStart)).pipe(
      Effect.zipRight(insist(readTables)),
      Effect.flatMap(ready),
      Effect.zipRight(Effect.logInfo("Ready")),
      Effect.zipRight(lookAgain),
      Effect.tapDefect((cause) => Effect.logError("The start failed for good", cause)),
      Effect.forkScoped
    )

    return fromState(Ref.get(state))
  })
)
