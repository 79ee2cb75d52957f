import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import type { BotTable, BotTables, FoundColumn } from "../Database/BotTables.js"
import { bots } from "./Bots.js"
import { payments } from "./Payments.js"
import { subscriptions } from "./Subscriptions.js"
import { isInteger, isOne, isReadable, isText, NEEDED, type Role } from "./Types.js"
import { users } from "./Users.js"

/** A column that can't be read right, and what would be. */
export interface Unfit {
  readonly table: BotTable
  readonly column: string
  /** For the operator: which column, of which type, and what is needed. */
  readonly reason: string
  /** The value that is needed, as an expression of the column. */
  readonly cure: string
}

/** So many rows of a table are looked at: what is written later is left out row by row. */
const SAMPLE = 1000

const DEFINITIONS = [bots, users, payments, subscriptions]

/** The type in words: `an INT`, `a VARCHAR(32)`. How wide a whole number is shown, and the labels of an ENUM, say nothing. */
const typeIn = (found: FoundColumn): string => {
  const isPlain = isInteger(found) || ["enum", "set"].includes(found.type)
  return `${/^[aei]/.test(found.type) ? "an" : "a"} ${(isPlain ? found.type : found.declared).toUpperCase()}`
}

interface Found {
  readonly table: BotTable
  readonly column: string
  readonly role: Role
  readonly found: FoundColumn
}

/** Each column that is there. */
const allColumns = (tables: BotTables): ReadonlyArray<Found> =>
  DEFINITIONS.flatMap(({ roles, table }) =>
    Object.entries(roles).flatMap(([column, role]) => {
      const found = tables.column(table, column)
      return found === undefined ? [] : [{ table, column, role, found }]
    })
  )

const quoted = (column: string) => `\`${column}\``

/** How times are written as texts, by what one looks like. */
const FORMATS: ReadonlyArray<readonly [RegExp, string]> = [
  [/^\d{1,2}\.\d{1,2}\.\d{4}/, "%d.%m.%Y %H:%i"],
  [/^\d{1,2}\/\d{1,2}\/\d{4}/, "%d/%m/%Y %H:%i"]
]

/** A Unix time in milliseconds has more digits than one in seconds has before the year 5000. */
const MILLIS = 1e11

const fromUnix = (column: string, example: string | null): string => {
  const seconds = Math.abs(Number(example)) > MILLIS ? `${column} DIV 1000` : column
  return `TIMESTAMP('1970-01-01 00:00:00') + INTERVAL ${seconds} SECOND`
}

/** What makes the value of what is there; `example` is one of its values. */
const cureOf = ({ column, found, role }: Found, example: string | null): string => {
  const name = quoted(column)
  if (role === "money") return `CAST(REPLACE(REPLACE(${name}, ' ', ''), ',', '.') AS DECIMAL(20, 8))`
  if (role === "id") return `CAST(${name} AS SIGNED)`
  if (isInteger(found) || /^\d{9,}$/.test(example ?? "")) return fromUnix(name, example)
  if (!isText(found)) return `CAST(${name} AS DATETIME)`
  const [, format] = FORMATS.find(([pattern]) => pattern.test(example ?? "")) ?? []
  return format === undefined ? `CAST(${name} AS DATETIME)` : `STR_TO_DATE(${name}, '${format}')`
}

/** What of the bots' tables can't be read right as it is: by the types of columns, and of texts by a sample of the rows. */
export const unfitColumns = (tables: BotTables): Effect.Effect<ReadonlyArray<Unfit>, SqlError, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient

    /** One of the first values, of those that the condition is true of. */
    const valueWhere = ({ column, table }: Found, condition: string) =>
      Effect.map(
        sql.unsafe<{ readonly value: string }>(
          `SELECT CAST(s.${quoted(column)} AS CHAR) AS value
           FROM (SELECT ${quoted(column)} FROM ${table} LIMIT ${SAMPLE}) AS s WHERE ${condition} LIMIT 1`
        ).unprepared,
        ([row]) => row?.value ?? null
      )

    const unfit = (found: Found, why: string, example: string | null): Unfit => ({
      table: found.table,
      column: found.column,
      reason: `${found.table}.${found.column} ${why}, and a ${NEEDED[found.role]} is needed`,
      cure: cureOf(found, example)
    })

    const problems: Array<Unfit> = []
    for (const found of allColumns(tables)) {
      const { column, role, found: type } = found
      const name = `s.${quoted(column)}`
      if (!isReadable(role, type)) {
        const example = yield* valueWhere(found, `${name} IS NOT NULL`)
        problems.push(unfit(found, `is ${typeIn(type)}`, example))
        continue
      }
      const condition = isOne(role, type, name)
      if (condition === undefined) continue
      const example = yield* valueWhere(found, `NOT ${condition}`)
      if (example !== null)
        problems.push(
          unfit(found, `is ${typeIn(type)} with texts that are no decimals, such as those with a comma`, example)
        )
    }
    return problems
  })

/** The database beside the bots' own that has the views. */
const VIEWS = "bots_view"

/** Views through which the tables can be read as they are: of those that have a problem, and all four to be pasted. */
export const viewsFor = (database: string, tables: BotTables, problems: ReadonlyArray<Unfit>) => {
  const cures = new Map(problems.map(({ column, cure, table }) => [`${table}.${column}`, cure]))
  const viewOf = ({ roles, table }: (typeof DEFINITIONS)[number]) => {
    const columns = Object.keys(roles).flatMap((column) => {
      if (tables.column(table, column) === undefined) return []
      const cure = cures.get(`${table}.${column}`)
      return [cure === undefined ? quoted(column) : `${cure} AS ${quoted(column)}`]
    })
    return `CREATE VIEW ${VIEWS}.${table} AS SELECT ${columns.join(", ")} FROM ${quoted(database)}.${table};`
  }
  const concerned = DEFINITIONS.filter(({ table }) => problems.some((problem) => problem.table === table))
  return {
    concerned: concerned.map(viewOf).join(" "),
    all: [
      `CREATE DATABASE ${VIEWS};`,
      ...DEFINITIONS.map(viewOf),
      `-- Then ${VIEWS} is the database of DATABASE_URL.`
    ].join("\n")
  }
}
