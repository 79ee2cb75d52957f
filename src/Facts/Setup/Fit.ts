import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import { indexExists } from "../../Database/Ddl.js"
import type { Watched } from "../Store/Triggers.js"

/**
 * Whether facts can be kept of these tables so that they are exact at every moment. The tables were made by other software.
 * Where a change could go unnoticed, or a trigger of ours could fail a writer, there are no facts.
 */

interface TableRow {
  readonly name: Watched
  readonly type: string
  readonly engine: string | null
}

interface ColumnRow {
  readonly table_name: Watched
  readonly name: string
  readonly type: string
  readonly whole_type: string
  readonly length: number | string | null
}

const INTEGERS = /^(tiny|small|medium|big)?int$/
const TIMES = /^(datetime|timestamp|date)$/

/** Longer labels would not fit into our own tables. */
const LONGEST_LABEL = 255

const TIME_COLUMNS: Readonly<Record<Watched, string>> = {
  users: "reg_date",
  payments: "date",
  subscriptions: "start_date"
}
const LABEL_COLUMNS = new Set(["payments.currency", "subscriptions.status"])

const whyTable = ({ engine, name, type }: TableRow): string | undefined => {
  if (type !== "BASE TABLE") return `${name} is a view, which has no triggers`
  return /^innodb$/i.test(engine ?? "") ? undefined : `${name} is kept by ${engine}, which has no transactions`
}

const whyColumn = ({ length, name, table_name, type, whole_type }: ColumnRow): string | undefined => {
  const column = `${table_name}.${name}`
  if (name === "bot_id" && /^bigint.*unsigned/.test(whole_type)) return `${column} may be larger than a BIGINT`
  if (name === "bot_id" || name === "user_id") return INTEGERS.test(type) ? undefined : `${column} is no integer`
  if (name === TIME_COLUMNS[table_name]) return TIMES.test(type) ? undefined : `${column} is no DATETIME`
  if (!LABEL_COLUMNS.has(column)) return undefined
  return length !== null && Number(length) <= LONGEST_LABEL
    ? undefined
    : `${column} may be longer than ${LONGEST_LABEL} characters`
}

/** Why there can be no facts: nothing where there can. */
export const obstacles: Effect.Effect<ReadonlyArray<string>, SqlError, SqlClient.SqlClient> = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const tables = yield* sql<TableRow>`
    SELECT LOWER(table_name) AS name, table_type AS type, engine AS engine FROM information_schema.tables
    WHERE table_schema = DATABASE() AND table_name IN ('users', 'payments', 'subscriptions') ORDER BY table_name`
  const columns = yield* sql<ColumnRow>`
    SELECT LOWER(table_name) AS table_name, LOWER(column_name) AS name, LOWER(data_type) AS type,
      LOWER(column_type) AS whole_type, character_maximum_length AS length
    FROM information_schema.columns
    WHERE table_schema = DATABASE() AND table_name IN ('users', 'payments', 'subscriptions')
    ORDER BY table_name, ordinal_position`
  // A foreign key's changes fire no triggers.
  const keys = yield* sql<{ readonly name: string; readonly constraint_name: string }>`
    SELECT table_name AS name, constraint_name AS constraint_name FROM information_schema.referential_constraints
    WHERE constraint_schema = DATABASE() AND table_name IN ('users', 'payments', 'subscriptions')
      AND NOT (update_rule IN ('RESTRICT', 'NO ACTION') AND delete_rule IN ('RESTRICT', 'NO ACTION'))`
  const indexes = yield* Effect.forEach(tables, ({ name, type }) =>
    type !== "BASE TABLE" ? Effect.succeed(true) : indexExists(name, `${name}_bot_user`, ["bot_id", "user_id"])
  )
  return [
    ...tables.map(whyTable),
    ...tables.map(({ name }, i) => (indexes[i] ? undefined : `${name} has no index by bot_id and user_id`)),
    ...columns.map(whyColumn),
    ...keys.map(
      ({ constraint_name, name }) => `the foreign key ${constraint_name} changes rows of ${name} without triggers`
    )
  ].filter((why) => why !== undefined)
})
