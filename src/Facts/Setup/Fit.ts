import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import { indexExists, indexStatement } from "../../Database/Ddl.js"
import { TABLES, type Table } from "../../Follower/Doubt.js"
import type { Reason } from "../State.js"

/**
 * Whether facts can be kept of these tables. They were made by other software. Whether the log tells all that changes in
 * them is another question (src/Follower/Suitability.ts).
 */

interface ColumnRow {
  readonly table_name: Table
  readonly name: string
  readonly type: string
  readonly whole_type: string
  readonly length: number | string | null
}

const INTEGERS = /^(tiny|small|medium|big)?int$/
const TIMES = /^(datetime|timestamp|date)$/

/** Longer labels would not fit into our own tables. */
const LONGEST_LABEL = 255

const TIME_COLUMNS: Readonly<Record<Table, string>> = {
  users: "reg_date",
  payments: "date",
  subscriptions: "start_date"
}
const LABEL_COLUMNS = new Set(["payments.currency", "subscriptions.status"])

const LABEL = `VARCHAR(${LONGEST_LABEL})`

const whyColumn = ({ length, name, table_name, type, whole_type }: ColumnRow): Reason | undefined => {
  const column = `${table_name}.${name}`
  const because = (why: string, wanted: string): Reason => ({
    reason: `${column} ${why}`,
    remedy: `ALTER TABLE ${table_name} MODIFY ${name} ${wanted};`
  })
  if (name === "bot_id" && /^bigint.*unsigned/.test(whole_type)) return because("may be larger than a BIGINT", "BIGINT")
  if (name === "bot_id" || name === "user_id")
    return INTEGERS.test(type) ? undefined : because("is no integer", "BIGINT")
  if (name === TIME_COLUMNS[table_name]) return TIMES.test(type) ? undefined : because("is no DATETIME", "DATETIME")
  if (!LABEL_COLUMNS.has(column)) return undefined
  return length !== null && Number(length) <= LONGEST_LABEL
    ? undefined
    : because(`may be longer than ${LONGEST_LABEL} characters`, LABEL)
}

const whyIndex = (table: Table): Reason => ({
  reason: `${table} has no index by bot_id and user_id`,
  remedy: `${indexStatement(table, `${table}_bot_user`, ["bot_id", "user_id", TIME_COLUMNS[table]])};`
})

/** Why there can be no facts: nothing where there can. */
export const obstacles: Effect.Effect<ReadonlyArray<Reason>, SqlError, SqlClient.SqlClient> = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const columns = yield* sql<ColumnRow>`
    SELECT LOWER(table_name) AS table_name, LOWER(column_name) AS name, LOWER(data_type) AS type,
      LOWER(column_type) AS whole_type, character_maximum_length AS length
    FROM information_schema.columns
    WHERE table_schema = DATABASE() AND table_name IN ${sql.in(TABLES)}
    ORDER BY table_name, ordinal_position`
  const tables = yield* sql<{ readonly name: Table }>`
    SELECT LOWER(table_name) AS name FROM information_schema.tables
    WHERE table_schema = DATABASE() AND table_name IN ${sql.in(TABLES)} AND table_type = 'BASE TABLE' ORDER BY table_name`
  const indexes = yield* Effect.filter(tables, ({ name }) =>
    Effect.negate(indexExists(name, `${name}_bot_user`, ["bot_id", "user_id"]))
  )
  return [...indexes.map(({ name }) => whyIndex(name)), ...columns.map(whyColumn)].filter((why) => why !== undefined)
})
