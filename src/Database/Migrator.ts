import * as SqlClient from "@effect/sql/SqlClient"
import { SqlError } from "@effect/sql/SqlError"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import { createTable, tableExists } from "./Ddl.js"
import { reasonOf } from "./Failure.js"
import { type Gap, Gaps } from "./Gaps.js"
import { onOwnConnection } from "./OwnConnection.js"

/**
 * Runs the numbered files of `migrations/` once each, in order. A lock on the database server lets one of several
 * instances migrate while the others wait for it.
 *
 * The runner of @effect/sql is not used, because it records before it runs. The first DDL statement, which MySQL commits
 * implicitly, makes that record final even where the migration then fails.
 */
export type Migration = Effect.Effect<void, SqlError, SqlClient.SqlClient | Gaps>

/** A file of `migrations/`; its number is its `id`. */
export interface MigrationFile {
  readonly id: number
  readonly name: string
  readonly run: Migration
}

export class MigrationError extends Data.TaggedError("MigrationError")<{
  readonly message: string
  readonly cause?: unknown
}> {}

/** What went wrong, in one line for the log. */
export const explain = (error: MigrationError | SqlError): string => {
  const cause = error._tag === "MigrationError" ? error.cause : error
  const reason = cause instanceof SqlError ? reasonOf(cause) : cause instanceof Error ? cause.message : undefined
  return reason === undefined ? error.message : `${error.message}: ${reason}`
}

export interface MigrationReport {
  readonly applied: ReadonlyArray<string>
  readonly gaps: ReadonlyArray<Gap>
}

export const TABLE = "bot_analytics_migrations"

/** Names of migrations that are not recorded yet. None means that the database is as this version needs it. */
export const pending = (migrations: ReadonlyArray<MigrationFile>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    if (!(yield* tableExists(TABLE))) return migrations.map(({ name }) => name)
    const rows = yield* sql<{ readonly id: number }>`SELECT id FROM ${sql(TABLE)}`
    const recorded = new Set(rows.map(({ id }) => id))
    return migrations.filter(({ id }) => !recorded.has(id)).map(({ name }) => name)
  })

/** The lock belongs to the server, not to the database: its name must tell two databases on one server apart. */
const lockName = "CONCAT('bot_analytics:', LEFT(SHA2(DATABASE(), 256), 32))"

/** The bots' statements queue behind a change of ours that waits for a lock, so it does not wait long. */
const SESSION = `SET SESSION lock_wait_timeout = 5, innodb_lock_wait_timeout = 5
  /*!80000 , max_execution_time = 0 */
  /*M!100108 , max_statement_time = 0 */`

const takeLock = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const ask = (seconds: number) =>
    Effect.map(
      sql.unsafe<{ readonly taken: number | null }>(`SELECT GET_LOCK(${lockName}, ${seconds}) AS taken`).unprepared,
      (rows) => rows[0]?.taken === 1
    )
  if (yield* ask(0)) return
  yield* Effect.logInfo("Another instance migrates the database; waiting for it")
  while (!(yield* ask(5))) yield* Effect.yieldNow()
})

const migrate = (migrations: ReadonlyArray<MigrationFile>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql.unsafe(SESSION).unprepared
    yield* Effect.acquireRelease(takeLock, () => Effect.ignore(sql.unsafe(`DO RELEASE_LOCK(${lockName})`).unprepared))
    yield* createTable(
      TABLE,
      `id INT NOT NULL PRIMARY KEY, name VARCHAR(191) NOT NULL, applied_at DATETIME(3) NOT NULL,
       complete BOOLEAN NOT NULL`
    )
    const rows = yield* sql<{ readonly id: number; readonly complete: number }>`SELECT id, complete FROM ${sql(TABLE)}`
    const complete = new Map(rows.map((row) => [row.id, row.complete === 1]))
    const applied: Array<string> = []
    const gaps: Array<Gap> = []
    for (const { id, name, run } of migrations) {
      if (complete.get(id) === true) continue
      const found = yield* Ref.make<ReadonlyArray<Gap>>([])
      yield* Effect.mapError(
        Effect.provideService(run, Gaps, found),
        (cause) => new MigrationError({ message: `The migration ${name} failed`, cause })
      )
      const left = yield* Ref.get(found)
      gaps.push(...left)
      // Recorded after it ran. One with gaps is run again at the next start: the rights may have come by then.
      if (complete.get(id) === false && left.length > 0) continue
      yield* sql`
        INSERT INTO ${sql(TABLE)} (id, name, applied_at, complete)
        VALUES (${id}, ${name}, UTC_TIMESTAMP(3), ${left.length === 0 ? 1 : 0})
        ON DUPLICATE KEY UPDATE applied_at = VALUES(applied_at), complete = VALUES(complete)`
      if (!complete.has(id)) applied.push(name)
    }
    return { applied, gaps } satisfies MigrationReport
  })

/** Brings the database to this version. Safe to call from several processes at once, and again. */
export const run = (
  migrations: ReadonlyArray<MigrationFile>
): Effect.Effect<MigrationReport, MigrationError | SqlError, SqlClient.SqlClient> =>
  onOwnConnection(Effect.scoped(migrate(migrations)))
