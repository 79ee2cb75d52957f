import { SqlClient } from "@effect/sql"
import type { SqlError } from "@effect/sql/SqlError"
import { Context, Effect, Ref } from "effect"
import { errorNumber, isDenied } from "./Failure.js"

/**
 * The statements that migrations are made of. Each looks first whether its work is done, so that a migration that was
 * killed half way starts again, and a database that has the thing already is left alone.
 *
 * The bots own their tables. Where our account may not change them, or a bot holds a lock on one, that is no failure: the
 * service reads what is there, and what it would have changed is noted as a gap, with the statement for somebody who may.
 */
export interface Gap {
  readonly statement: string
  readonly cost: string
  readonly reason: "no right" | "locked"
}

export class Gaps extends Context.Tag("app/Database/Gaps")<Gaps, Ref.Ref<ReadonlyArray<Gap>>>() {}

const LOCK_WAIT_TIMEOUT = 1205
const ALGORITHM_NOT_SUPPORTED = new Set([1845, 1846])
/** ER_TOO_LONG_KEY, ER_BLOB_KEY_WITHOUT_LENGTH: the bots' columns are wider than the contract's. */
const KEY_TOO_LONG = new Set([1071, 1170])

export const tableExists = (table: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql`
      SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ${table}`
    return rows.length > 0
  })

const columnExists = (table: string, column: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql`
      SELECT 1 FROM information_schema.columns
      WHERE table_schema = DATABASE() AND table_name = ${table} AND column_name = ${column}`
    return rows.length > 0
  })

/** Whether some index of the table starts with these columns, in this order, whatever its name. */
const indexExists = (table: string, columns: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<{ readonly index_name: string; readonly column_name: string }>`
      SELECT index_name AS index_name, LOWER(column_name) AS column_name FROM information_schema.statistics
      WHERE table_schema = DATABASE() AND table_name = ${table} AND sub_part IS NULL
      ORDER BY index_name, seq_in_index`
    const byName = new Map<string, Array<string>>()
    for (const row of rows) {
      const list = byName.get(row.index_name)
      if (list) list.push(row.column_name)
      else byName.set(row.index_name, [row.column_name])
    }
    return [...byName.values()].some((list) => columns.every((column, position) => list[position] === column))
  })

/** Runs one of our own constant statements. Nothing of the outside is ever part of its text. */
const run = (statement: string) => Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(statement).unprepared)

const orGap = <R>(self: Effect.Effect<unknown, SqlError, R>, statement: string, cost: string) =>
  Effect.catchAll(Effect.asVoid(self), (error) =>
    isDenied(error) || errorNumber(error) === LOCK_WAIT_TIMEOUT
      ? Effect.flatMap(Gaps, (gaps) =>
          Ref.update(
            gaps,
            (list): ReadonlyArray<Gap> => [
              ...list,
              { statement, cost, reason: isDenied(error) ? "no right" : "locked" }
            ]
          )
        )
      : Effect.fail(error)
  )

/** Adds to a table of the bots' while they go on writing, where the server can; without a word on how, where it can't. */
const alterOnline = (statement: string, cost: string) =>
  run(`${statement}, ALGORITHM=INPLACE, LOCK=NONE`).pipe(
    Effect.catchIf(
      (error) => ALGORITHM_NOT_SUPPORTED.has(errorNumber(error) ?? 0),
      () => run(statement)
    ),
    (self) => orGap(self, statement, cost)
  )

const TABLE_OPTIONS = "ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"

export const createTable = (table: string, columns: string) =>
  Effect.unlessEffect(run(`CREATE TABLE IF NOT EXISTS ${table} (${columns}) ${TABLE_OPTIONS}`), tableExists(table))

export const addColumn = (table: string, column: string, definition: string, cost: string) =>
  Effect.unlessEffect(
    alterOnline(`ALTER TABLE ${table} ADD COLUMN \`${column}\` ${definition}`, cost),
    columnExists(table, column)
  )

const createIndex = (
  table: string,
  name: string,
  columns: ReadonlyArray<string>,
  cost: string
): ReturnType<typeof alterOnline> =>
  Effect.catchIf(
    alterOnline(`ALTER TABLE ${table} ADD INDEX ${name} (${columns.join(", ")})`, cost),
    (error) => columns.length > 1 && KEY_TOO_LONG.has(errorNumber(error) ?? 0),
    () => createIndex(table, name, columns.slice(0, -1), cost)
  )

/** Where a column is too wide for an index of them all, the last ones are left out: the first ones do the most. */
export const addIndex = (table: string, name: string, columns: ReadonlyArray<string>, cost: string) =>
  Effect.unlessEffect(createIndex(table, name, columns, cost), indexExists(table, columns))
