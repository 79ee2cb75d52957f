import { readdirSync } from "node:fs"
import { SqlClient } from "@effect/sql"
import type { SqlError } from "@effect/sql/SqlError"
import { Data, Effect, Predicate, Ref } from "effect"
import { createTable, type Gap, Gaps, tableExists } from "./Ddl.js"

/**
 * Runs the numbered files of `migrations/` once each, in order, under a lock of the database server's, so that of several
 * instances one migrates and the others wait for it.
 *
 * The runner of @effect/sql is not used: it records before it runs, and the first DDL statement, which MySQL commits
 * implicitly, makes that record final even where the migration then fails.
 */
export type Migration = Effect.Effect<void, SqlError, SqlClient.SqlClient | Gaps>

export interface MigrationFile {
  readonly id: number
  readonly name: string
  readonly run: Migration
}

export class MigrationError extends Data.TaggedError("MigrationError")<{
  readonly message: string
  readonly cause?: unknown
}> {}

export interface MigrationReport {
  readonly applied: ReadonlyArray<string>
  readonly gaps: ReadonlyArray<Gap>
}

const TABLE = "bot_analytics_migrations"

const FOLDER = new URL("../../migrations/", import.meta.url)

/** All migrations, by number. Works from the sources and from `dist/`, where both trees have the same shape. */
export const load: Effect.Effect<ReadonlyArray<MigrationFile>, MigrationError> = Effect.gen(function* () {
  const files = readdirSync(FOLDER)
    .map((file) => ({ file, parts: /^(\d{4})_(\w+)\.(?:js|ts)$/.exec(file) }))
    .filter(({ parts }) => parts !== null)
    .sort((a, b) => (a.file < b.file ? -1 : 1))
  const migrations: Array<MigrationFile> = []
  for (const { file, parts } of files) {
    const module: unknown = yield* Effect.tryPromise({
      try: () => import(new URL(file, FOLDER).href),
      catch: (cause) => new MigrationError({ message: `The migration ${file} can't be loaded`, cause })
    })
    if (!Predicate.hasProperty(module, "default") || !Effect.isEffect(module.default)) {
      return yield* new MigrationError({ message: `The migration ${file} has no Effect as its default export` })
    }
    const id = Number(parts?.[1])
    if (id !== migrations.length + 1) {
      return yield* new MigrationError({ message: `The migration ${file} does not follow number ${migrations.length}` })
    }
    // What a file of ours exports by default is a Migration; the compiler can't see through the dynamic import.
    migrations.push({ id, name: `${parts?.[1]}_${parts?.[2]}`, run: module.default as Migration })
  }
  return migrations
})

/** Names of migrations that are not recorded yet: none means that the database is as this version wants it. */
export const pending = Effect.gen(function* () {
  const migrations = yield* load
  const sql = yield* SqlClient.SqlClient
  if (!(yield* tableExists(TABLE))) return migrations.map(({ name }) => name)
  const rows = yield* sql<{ readonly id: number }>`SELECT id FROM ${sql(TABLE)}`
  const recorded = new Set(rows.map(({ id }) => id))
  return migrations.filter(({ id }) => !recorded.has(id)).map(({ name }) => name)
})

/** The lock is the server's, not the database's: its name must tell two databases on one server apart. */
const lockName = "CONCAT('bot_analytics:', LEFT(SHA2(DATABASE(), 256), 32))"

const SESSION = `SET SESSION lock_wait_timeout = 5
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
  Effect.scoped(
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const connection = yield* sql.reserve
      return yield* Effect.provideService(Effect.scoped(migrate(migrations)), SqlClient.TransactionConnection, [
        connection,
        0
      ])
    })
  )
