import * as SqlClient from "@effect/sql/SqlClient"
import { SqlError } from "@effect/sql/SqlError"
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import { createTable, dryRun, tableExists } from "./Ddl.js"
import { errorNumber, reasonOf } from "./Failure.js"
import { type Gap, Gaps } from "./Gaps.js"
import { LEASE_COLUMNS, LEASE_SECONDS, LEASES, type Lease, lease } from "./Lease.js"
import { Pace } from "./LongChange.js"
import { onOwnConnection } from "./OwnConnection.js"
import { demandOurs, type ForeignTable, foreignAmong, type OwnTable } from "./OwnTables.js"

/**
 * Runs the numbered files of `migrations/` once each, in order. A lock on the database server, and a lease in the database
 * where several servers share it, let one of several instances migrate while the others wait for it.
 *
 * The runner of @effect/sql is not used, because it records before it runs. The first DDL statement, which MySQL commits
 * implicitly, makes that record final even where the migration then fails.
 */
export type Migration = Effect.Effect<void, SqlError | ForeignTable, SqlClient.SqlClient | Gaps>

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

export type Failure = MigrationError | SqlError | ForeignTable

/** What went wrong, in one line for the log. */
export const explain = (error: Failure): string => {
  const cause = error._tag === "MigrationError" ? error.cause : error
  if (error._tag === "ForeignTable") return error.message
  const reason = cause instanceof SqlError ? reasonOf(cause) : cause instanceof Error ? cause.message : undefined
  return reason === undefined ? error.message : `${error.message}: ${reason}`
}

export interface MigrationReport {
  readonly applied: ReadonlyArray<string>
  readonly gaps: ReadonlyArray<Gap>
}

export const TABLE = "bot_analytics_migrations"

export const table: OwnTable = {
  table: TABLE,
  columns: `id INT NOT NULL PRIMARY KEY, name VARCHAR(191) NOT NULL, applied_at DATETIME(3) NOT NULL,
    complete BOOLEAN NOT NULL`
}

interface Recorded {
  readonly id: number
  readonly name: string
  readonly complete: number
}

const readRecorded = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql<Recorded>`SELECT id, complete, name FROM ${sql(TABLE)} ORDER BY id`
)

/** What earlier runs have left: nothing where there was none. */
const recorded = Effect.zipRight(
  demandOurs(table),
  Effect.flatMap(tableExists(TABLE), (isThere) =>
    isThere ? readRecorded : Effect.succeed<ReadonlyArray<Recorded>>([])
  )
)

/** Names of migrations that are not recorded yet. None means that the database is as this version needs it. */
export const pending = (migrations: ReadonlyArray<MigrationFile>) =>
  Effect.map(recorded, (rows) => {
    const ids = new Set(rows.map(({ id }) => id))
    return migrations.filter(({ id }) => !ids.has(id)).map(({ name }) => name)
  })

/** Names of migrations that a newer version has left in the database. */
export const newer = (migrations: ReadonlyArray<MigrationFile>) =>
  Effect.map(recorded, (rows) => {
    const last = Math.max(...migrations.map(({ id }) => id))
    return rows.filter(({ id }) => id > last).map(({ name }) => name)
  })

/** For the log, and for whoever migrates. */
export const explainNewer = (names: ReadonlyArray<string>): string =>
  `A newer version of the service has been at work in this database (${names.join(", ")}), of which this one knows nothing. It changes none of it; figures that were kept in another form are built anew`

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

/** Who migrates: for the nodes of a cluster, each of which has locks of its own. */
const MIGRATIONS_LEASE = "migrations"
const RENEW_EVERY = Duration.seconds(LEASE_SECONDS / 3)

/** Whether the server refused it, as it does to an account that may only read; a connection that is lost is no answer. */
const isRefused = (error: SqlError): boolean => errorNumber(error) !== undefined

interface Held {
  readonly since: Deferred.Deferred<void>
  /** Fails when it is lost. */
  readonly until: Deferred.Deferred<never, MigrationError>
}

const takeLease = ({ take }: Lease) =>
  Effect.gen(function* () {
    let told = false
    while (Option.isNone(yield* take)) {
      if (!told) yield* Effect.logInfo("An instance on another server migrates the database; waiting for it")
      told = true
      yield* Effect.sleep("1 second")
    }
  })

/** Keeps the lease on connections of the pool while a long statement has the own one; fails when another has taken it. */
const keepLease = ({ take }: Lease, held: Held) =>
  Effect.gen(function* () {
    yield* Deferred.await(held.since)
    let taken = Option.some("")
    while (Option.isSome(taken)) {
      yield* Effect.sleep(RENEW_EVERY)
      taken = yield* Effect.orElse(take, () => Effect.succeedSome(""))
    }
    yield* Deferred.fail(held.until, new MigrationError({ message: "Another instance migrates the database too" }))
  })

/** Where the account may not write, the lock has to do: what it can change is little. So where the table is another's. */
const holdLease = (lease: Lease, held: Held) =>
  Effect.gen(function* () {
    if ((yield* foreignAmong([{ table: LEASES, columns: LEASE_COLUMNS }])).length > 0) return
    yield* createTable(LEASES, LEASE_COLUMNS)
    // Waiting can be interrupted, and what was taken in that moment ends by itself.
    yield* takeLease(lease)
    yield* Effect.addFinalizer(() => Effect.ignore(lease.release))
    yield* Deferred.succeed(held.since, undefined)
  }).pipe(Effect.catchIf(isRefused, () => Effect.void))

const completeIn = (rows: ReadonlyArray<Recorded>): ReadonlyMap<number, boolean> =>
  new Map(rows.map(({ complete, id }) => [id, complete === 1]))

const createMigrations = Effect.zipRight(demandOurs(table), createTable(table.table, table.columns))

const runNoting = ({ name, run }: MigrationFile) =>
  Effect.gen(function* () {
    const gaps = yield* Ref.make<ReadonlyArray<Gap>>([])
    yield* Effect.mapError(
      Effect.provideService(run, Gaps, gaps),
      (cause) => new MigrationError({ message: `The migration ${name} failed`, cause })
    )
    return yield* Ref.get(gaps)
  })

const migrate = (migrations: ReadonlyArray<MigrationFile>, lease: Lease, held: Held) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql.unsafe(SESSION).unprepared
    // Waiting can be interrupted: the lock goes with its connection.
    yield* takeLock
    yield* Effect.addFinalizer(() => Effect.ignore(sql.unsafe(`DO RELEASE_LOCK(${lockName})`).unprepared))
    yield* createMigrations
    const isDone = (complete: ReadonlyMap<number, boolean>) => migrations.every(({ id }) => complete.get(id) === true)
    if (isDone(completeIn(yield* readRecorded))) return { applied: [], gaps: [] } satisfies MigrationReport
    yield* holdLease(lease, held)
    // Another may have done it meanwhile.
    const complete = completeIn(yield* readRecorded)
    const applied: Array<string> = []
    const gaps: Array<Gap> = []
    for (const migration of migrations) {
      const { id, name } = migration
      if (complete.get(id) === true) continue
      if (yield* Deferred.isDone(held.until)) yield* Deferred.await(held.until)
      const left = yield* runNoting(migration)
      gaps.push(...left.filter(({ statement }) => !gaps.some((gap) => gap.statement === statement)))
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
): Effect.Effect<MigrationReport, Failure, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const held: Held = { since: yield* Deferred.make<void>(), until: yield* Deferred.make<never, MigrationError>() }
    const migrationsLease = yield* lease(MIGRATIONS_LEASE, { isLocked: true })
    yield* Effect.forkScoped(keepLease(migrationsLease, held))
    return yield* onOwnConnection(Effect.scoped(migrate(migrations, migrationsLease, held)))
  }).pipe(Effect.scoped, Effect.provideServiceEffect(Pace, Ref.make<number | undefined>(undefined)))

/** What `run` would do to the database as it is now, one statement after the other; none where it would do nothing. */
export const planned = (
  migrations: ReadonlyArray<MigrationFile>
): Effect.Effect<ReadonlyArray<string>, Failure, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const complete = completeIn(yield* recorded)
    const waiting = migrations.filter(({ id }) => complete.get(id) !== true)
    return yield* dryRun(Effect.zipRight(createMigrations, Effect.forEach(waiting, runNoting, { discard: true })))
  })
