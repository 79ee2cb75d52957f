import { SqlClient } from "@effect/sql"
import { Context, Duration, Effect, Layer, Ref, Schedule } from "effect"
import { AppConfig } from "../Config.js"
import { type ServiceUnavailable, ServiceUnavailable as Unavailable } from "../Domain/Errors.js"
import * as BotTables from "./BotTables.js"
import * as Migrator from "./Migrator.js"

/**
 * Whether the service may answer from the database yet. It starts at once, with the database up or down; in the
 * background it waits for the database, migrates it (or waits until somebody has), and looks at the bots' tables.
 */
type State =
  | { readonly _tag: "Waiting"; readonly reason: string }
  | { readonly _tag: "Ready"; readonly tables: BotTables.BotTables }

export class Readiness extends Context.Tag("app/Database/Readiness")<
  Readiness,
  {
    readonly state: Effect.Effect<State>
    /** The bots' tables as they are, or 503 while the service isn't ready. */
    readonly tables: Effect.Effect<BotTables.BotTables, ServiceUnavailable>
  }
>() {}

const RETRY_FIRST = Duration.millis(200)
const RETRY_AT_MOST = Duration.seconds(1)
/** A log line for every attempt would bury the rest. */
const REMIND_EVERY = Duration.seconds(30)

class NotYet extends Error {}

const logReport = ({ applied, gaps }: Migrator.MigrationReport) =>
  Effect.gen(function* () {
    if (applied.length > 0) yield* Effect.logInfo(`Migrated the database: ${applied.join(", ")}`)
    for (const gap of gaps) {
      const why =
        gap.reason === "locked"
          ? "is locked by another session; the next start tries again"
          : "may not be changed by this account"
      yield* Effect.logWarning(`A bots' table ${why}: ${gap.cost}. To mend it, run: ${gap.statement};`)
    }
  })

const prepare = (migrateOnStart: boolean) =>
  Effect.gen(function* () {
    if (migrateOnStart) {
      yield* Effect.flatMap(Migrator.run(yield* Migrator.load), logReport)
    } else {
      const pending = yield* Migrator.pending
      if (pending.length > 0) {
        return yield* Effect.fail(
          new NotYet(`The database lacks ${pending.join(", ")}: run \`npm run migrate\`, or set MIGRATE_ON_START=true`)
        )
      }
    }
    const { missing, tables } = yield* BotTables.read
    return missing.length > 0
      ? yield* Effect.fail(new NotYet(`The bots' tables lack ${missing.join(", ")}, without which nothing can be read`))
      : tables
  })

const describe = (error: unknown): string => {
  if (error instanceof NotYet) return error.message
  const cause = typeof error === "object" && error !== null && "cause" in error ? error.cause : undefined
  const inner = typeof cause === "object" && cause !== null && "cause" in cause ? cause.cause : cause
  const message = error instanceof Error ? error.message : String(error)
  return inner instanceof Error ? `${message}: ${inner.message}` : message
}

export const layer = Layer.scoped(
  Readiness,
  Effect.gen(function* () {
    const config = yield* AppConfig
    const state = yield* Ref.make<State>({ _tag: "Waiting", reason: "The service is starting" })
    const lastReminder = yield* Ref.make({ reason: "", at: 0 })

    const remind = (reason: string) =>
      Effect.gen(function* () {
        const now = yield* Effect.clockWith((clock) => clock.currentTimeMillis)
        const last = yield* Ref.get(lastReminder)
        if (last.reason === reason && now - last.at < Duration.toMillis(REMIND_EVERY)) return
        yield* Ref.set(lastReminder, { reason, at: now })
        yield* Effect.logWarning(`Not ready: ${reason}. Trying again until it is`)
      })

    const waitUntilReady = prepare(config.migrateOnStart).pipe(
      Effect.tapError((error) => {
        const reason = describe(error)
        return Effect.zipRight(Ref.set(state, { _tag: "Waiting", reason }), remind(reason))
      }),
      Effect.retry(
        Schedule.exponential(RETRY_FIRST).pipe(Schedule.union(Schedule.spaced(RETRY_AT_MOST)), Schedule.jittered)
      ),
      Effect.flatMap((tables) => Ref.set(state, { _tag: "Ready", tables })),
      Effect.zipRight(Effect.logInfo("Ready")),
      Effect.tapErrorCause((cause) => Effect.logError("The start failed for good", cause))
    )
    yield* Effect.forkScoped(waitUntilReady)

    return {
      state: Ref.get(state),
      tables: Effect.flatMap(Ref.get(state), (current) =>
        current._tag === "Ready"
          ? Effect.succeed(current.tables)
          : Effect.fail(
              new Unavailable({ message: "The service is not ready: it waits for the database. Try again soon." })
            )
      )
    }
  })
)

/** Whether the database answers at this moment. */
export const ping = Effect.flatMap(SqlClient.SqlClient, (sql) => Effect.asVoid(sql`SELECT 1`))
