import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Array from "effect/Array"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import { errorNumber, speaksOfTables } from "./Failure.js"
import { type Gaps, orGap } from "./Gaps.js"
import { tellWhileLong } from "./LongChange.js"

/**
 * The statements that migrations are made of. Each looks first whether its work is done. So a migration that was killed half
 * way can start again, and a database that has the thing already is left alone.
 */

const ALGORITHM_NOT_SUPPORTED = new Set([1221, 1845, 1846, 4092])
/** ER_TOO_LONG_KEY, ER_BLOB_KEY_WITHOUT_LENGTH: the bots' columns are wider than the contract's. */
const KEY_TOO_LONG = new Set([1071, 1170])

export const tableExists = (table: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql`
      SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ${table}`
    return rows.length > 0
  })

const isView = (table: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql`
      SELECT 1 FROM information_schema.views WHERE table_schema = DATABASE() AND table_name = ${table}`
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

/**
 * Statements that are noted and not run, where somebody only wants to know them. What they would make is taken for made by
 * those that follow.
 */
export class DryRun extends Context.Reference<DryRun>()("app/Database/DryRun", {
  defaultValue: (): Option.Option<Ref.Ref<ReadonlyArray<string>>> => Option.none()
}) {}

/** Those that were noted, in their order, for whoever pastes them. */
export const dryRun = <E, R>(self: Effect.Effect<unknown, E, R>): Effect.Effect<ReadonlyArray<string>, E, R> =>
  Effect.gen(function* () {
    const noted = yield* Ref.make<ReadonlyArray<string>>([])
    yield* Effect.provideService(self, DryRun, Option.some(noted))
    return yield* Ref.get(noted)
  })

/** Runs one of our own constant statements. No input is ever part of its text. */
export const run = (statement: string): Effect.Effect<unknown, SqlError, SqlClient.SqlClient> =>
  Effect.flatMap(DryRun, (isDry) =>
    Option.isSome(isDry)
      ? Ref.update(isDry.value, (list) => (list.includes(statement) ? list : [...list, statement]))
      : Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(statement).unprepared)
  )

/** One of ours on a bots' table. */
export interface Index {
  readonly table: string
  readonly name: string
  /** In their order. Where they are too wide for one index, the last ones are left out. */
  readonly columns: ReadonlyArray<string>
  /** What it means that it is not there. */
  readonly cost: string
}

interface IndexPart {
  readonly Key_name: string
  readonly Column_name: string | null
  readonly Sub_part: number | null
  readonly Index_type: string
  /** How MySQL and MariaDB mark an index that queries do not use. */
  readonly Visible?: string
  readonly Ignored?: string
}

const isOn = (part: IndexPart | undefined, column: string | undefined): boolean =>
  part?.Column_name?.toLowerCase() === column && part?.Sub_part === null && part.Index_type === "BTREE"

const serves = (part: IndexPart | undefined, column: string): boolean =>
  isOn(part, column) && part?.Visible !== "NO" && part?.Ignored !== "YES"

/** Where another software has the name. */
const otherName = (name: string): string => `bot_analytics_${name}`

const partsOf = (table: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe<IndexPart>(`SHOW INDEX FROM ${table}`).unprepared)

/** What stands on a table, of these indexes, in the place of one of ours. */
const standing = ({ columns, name }: Index, parts: ReadonlyArray<IndexPart>) => {
  const byName = new Map(Object.entries(Array.groupBy(parts, ({ Key_name }) => Key_name)))
  // Ours may have fewer columns, and an administrator may have given it more.
  const isOurs = (list: ReadonlyArray<IndexPart>) =>
    columns.every((column, at) => at >= list.length || isOn(list[at], column))
  const own = [name, otherName(name)].filter((one) => isOurs(byName.get(one) ?? []) && byName.has(one))
  const serving = [...byName.values()].some((list) => columns.every((column, at) => serves(list[at], column)))
  return {
    /** The names of ours that are there. */
    own,
    isThere: own.length > 0 || serving,
    /** What another software's index under our name is over; undefined where there is none. */
    foreign: own.includes(name) ? undefined : byName.get(name)?.map((part) => part.Column_name ?? "an expression")
  }
}

/** Whether an index starts with these columns, in this order, whatever its name; or is ours, with fewer columns. */
export const indexExists = (table: string, name: string, columns: ReadonlyArray<string>) =>
  Effect.map(partsOf(table), (parts) => standing({ table, name, columns, cost: "" }, parts).isThere)

const findIndexes = (indexes: ReadonlyArray<Index>) =>
  Effect.forEach(Object.entries(Array.groupBy(indexes, ({ table }) => table)), ([table, list]) =>
    Effect.map(
      Effect.catchIf(partsOf(table), speaksOfTables, () => Effect.succeed([])),
      (parts) => list.map((index) => ({ ...index, ...standing(index, parts) }))
    )
  ).pipe(Effect.map(Array.flatten))

/** Those of ours that are there, by the names that they have there. */
export const ownIndexes = (indexes: ReadonlyArray<Index>) =>
  Effect.map(findIndexes(indexes), (found) => found.flatMap(({ own, table }) => own.map((name) => ({ table, name }))))

/** What has the name of one of ours and is not of our making, in words for the operator. */
export const foreignIndexes = (indexes: ReadonlyArray<Index>) =>
  Effect.map(findIndexes(indexes), (found) =>
    found.flatMap(({ foreign, name, table }) =>
      foreign === undefined
        ? []
        : [
            `the index ${name} of ${table} has a name of the service's own and is not of its making: it is over ${foreign.join(", ")}. It is left alone, and the service's own is called ${otherName(name)}`
          ]
    )
  )

/** From what costs the bots least to what always works. */
const WAYS = [", ALGORITHM=INSTANT", ", ALGORITHM=INPLACE, LOCK=NONE", ""] as const

/** Adds to a bots' table while they go on writing, where the server can; in its default way, where it can't. */
const alterOnline = (table: string, statement: string): Effect.Effect<unknown, SqlError, SqlClient.SqlClient> => {
  const attempt = (ways: ReadonlyArray<string>): Effect.Effect<unknown, SqlError, SqlClient.SqlClient> => {
    const [way = "", ...others] = ways
    return Effect.catchIf(
      run(statement + way),
      (error) => others.length > 0 && ALGORITHM_NOT_SUPPORTED.has(errorNumber(error) ?? 0),
      () => attempt(others)
    )
  }
  return Effect.flatMap(DryRun, (isDry) =>
    // Which way a server takes is known when it has tried; without one, it takes what costs least by itself.
    Option.isSome(isDry) ? run(statement) : tellWhileLong(table, statement)(attempt(WAYS))
  )
}

/** All that a server may have another default for. In rows of the older formats our keys would be too long for an index. */
const TABLE_OPTIONS = "ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"

const CREATE_TABLE = "CREATE TABLE IF NOT EXISTS"

export const createTable = (table: string, columns: string) =>
  Effect.unlessEffect(
    run(`${CREATE_TABLE} ${table} (${columns.replace(/\s+/g, " ")}) ${TABLE_OPTIONS}`),
    tableExists(table)
  )

/** Statements that this dry run would have run by now. */
const noted = Effect.flatMap(DryRun, (isDry) =>
  Option.isSome(isDry) ? Ref.get(isDry.value) : Effect.succeed<ReadonlyArray<string>>([])
)

const createTableStatement = (table: string, statements: ReadonlyArray<string>): string | undefined =>
  statements.find((statement) => statement.startsWith(`${CREATE_TABLE} ${table} `))

/** A table that is not there is one that would be made whole by a statement before. */
export const addColumn = (table: string, column: string, definition: string, cost: string) => {
  const statement = `ALTER TABLE ${table} ADD COLUMN \`${column}\` ${definition}`
  return orGap(alterOnline(table, statement), { table, statement, cost }).pipe(
    Effect.unlessEffect(columnExists(table, column)),
    Effect.whenEffect(tableExists(table))
  )
}

/** What adds it, in a way that a server chooses. */
export const indexStatement = (table: string, name: string, columns: ReadonlyArray<string>) =>
  `ALTER TABLE ${table} ADD INDEX ${name} (${columns.join(", ")})`

/** Where the columns are too wide for one index, the last ones are left out: the first ones matter most. */
const createIndex = (
  table: string,
  name: string,
  columns: ReadonlyArray<string>
): Effect.Effect<unknown, SqlError, SqlClient.SqlClient> =>
  Effect.catchIf(
    alterOnline(table, indexStatement(table, name, columns)),
    (error) => columns.length > 1 && KEY_TOO_LONG.has(errorNumber(error) ?? 0),
    () => createIndex(table, name, columns.slice(0, -1))
  )

/** A view has no indexes of its own. */
export const addIndex = (index: Index): Effect.Effect<void, SqlError, SqlClient.SqlClient | Gaps> =>
  Effect.gen(function* () {
    const { columns, cost, table } = index
    const made = createTableStatement(table, yield* noted)
    let { name } = index
    if (made !== undefined) {
      // Its primary key is all that it would have.
      if (columns.length === 1 && new RegExp(`\\b${columns[0]} [^,]*PRIMARY KEY`).test(made)) return
    } else {
      const { foreign, isThere } = standing(index, yield* partsOf(table))
      if (isThere || (yield* isView(table))) return
      if (foreign !== undefined) name = otherName(name)
    }
    const statement = indexStatement(table, name, columns)
    yield* orGap(createIndex(table, name, columns), { table, statement, cost })
  })
