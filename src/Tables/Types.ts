import type { SqlClient } from "@effect/sql/SqlClient"
import type { Fragment } from "@effect/sql/Statement"
import type { FoundColumn } from "../Database/BotTables.js"

/**
 * Which types a column may have, by what it is for, and how SQL gets at its values then. Other software made the tables: a
 * column that is not of the contract's type is read as what the contract says, wherever that can be done right. All that
 * reads the bots' tables goes by this: lists, figures, facts.
 *
 * Expressions are texts over the column's name, which is ours.
 */

/** What a column is for. */
export type Role = "id" | "time" | "money" | "text" | "json"

type Family = "integer" | "decimal" | "float" | "time" | "text" | "bytes" | "json"

const FAMILIES: Readonly<Record<Family, ReadonlyArray<string>>> = {
  integer: ["tinyint", "smallint", "mediumint", "int", "bigint"],
  decimal: ["decimal"],
  float: ["float", "double"],
  time: ["date", "datetime", "timestamp"],
  text: ["char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set"],
  bytes: ["binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"],
  json: ["json"]
}

const families = new Map(
  Object.entries(FAMILIES).flatMap(([family, types]) => types.map((type) => [type, family as Family] as const))
)

/** Undefined where it is none of these: a BIT, a TIME, a YEAR, a place on a map. */
const familyOf = ({ type }: Pick<FoundColumn, "type">): Family | undefined => families.get(type)

export const isInteger = (column: FoundColumn): boolean => familyOf(column) === "integer"
export const isNumber = (column: FoundColumn): boolean => ["integer", "decimal"].includes(familyOf(column) ?? "")
export const isText = (column: FoundColumn): boolean => familyOf(column) === "text"
export const isBytes = (column: FoundColumn): boolean => familyOf(column) === "bytes"

type Expression = (column: string) => string

/** How values of a type are read. What is left out is the column as it stands. */
interface Reading {
  /** What a list selects. */
  readonly listed?: Expression
  /** What is compared and added up: a number for an id, a DECIMAL(65, 8) for money, text for JSON. */
  readonly value?: Expression
  /** Whether a value is one: a text may be none. Undefined where all values are. */
  readonly isOne?: Expression
}

const asItStands: Reading = {}

const charsetOf = (collation: string) => collation.split("_")[0]

/** A text in a column's collation: then it is compared by it, and an index serves. */
const collated = (text: string, collation: string) =>
  `CONVERT(${text} USING ${charsetOf(collation)}) COLLATE ${collation}`

/** Compared byte by byte: a view may have put texts of another collation together. */
const bytewise = (text: string) => collated(text, "utf8mb4_bin")

const money: Expression = (column) => `CAST(${column} AS DECIMAL(65, 8))`

/** As the server prints it. A FLOAT's bits have more digits than the column holds: 199.99 would be 199.99000549316406. */
const printed: Expression = (column) => `CAST(${column} AS CHAR)`

/** `199.99`. Also in JavaScript: src/Tables/Column.ts. */
export const PLAIN_DECIMAL = "^[-+]?([0-9]{1,50}([.][0-9]*)?|[.][0-9]+)$"

const READINGS: Readonly<Record<Role, Readonly<Partial<Record<Family, Reading>>>>> = {
  id: {
    integer: asItStands,
    decimal: asItStands,
    text: { value: (column) => `CAST(${column} AS DECIMAL(65, 0))` }
  },
  time: { time: asItStands },
  money: {
    integer: { value: money },
    decimal: { value: money },
    float: { listed: printed, value: (column) => money(printed(column)) },
    text: { value: money, isOne: (column) => `COALESCE(${bytewise(column)} REGEXP '${PLAIN_DECIMAL}', TRUE)` }
  },
  text: {
    // Without the zeros of ZEROFILL: a list shows the number.
    integer: { value: (column) => `(${column} + 0)` }
  },
  json: {
    bytes: { value: (column) => `CONVERT(${column} USING utf8mb4)` }
  }
}

/** Undefined where values of this type can't be read as what the column is for. */
const readingOf = (role: Role, column: FoundColumn): Reading | undefined => {
  const family = familyOf(column)
  const found = family === undefined ? undefined : READINGS[role][family]
  // Any type is a text, whose value the driver gives, and JSON is looked at value by value.
  return found ?? (role === "text" || role === "json" ? asItStands : undefined)
}

export const isReadable = (role: Role, column: FoundColumn): boolean => readingOf(role, column) !== undefined

const expression =
  (which: "listed" | "value") =>
  (role: Role, column: FoundColumn, name: string): string =>
    readingOf(role, column)?.[which]?.(name) ?? name

export const listed = expression("listed")
export const valueOf = expression("value")

/** The condition on the values that are one; undefined where all of this type are. */
export const isOne = (role: Role, column: FoundColumn, name: string): string | undefined =>
  readingOf(role, column)?.isOne?.(name)

/** An id as a parameter of the column's own type: a text that is compared with a number has no index. */
export const idFor = (sql: SqlClient, column: FoundColumn | undefined, id: number): Fragment => {
  if (column === undefined || column.collation === null) return sql`${id}`
  const [before, after] = collated("?", column.collation).split("?")
  return sql`${sql.literal(before ?? "")}${String(id)}${sql.literal(after ?? "")}`
}

/** What is needed, in the words of SQL. */
export const NEEDED: Readonly<Record<Role, string>> = {
  id: "BIGINT",
  time: "DATETIME",
  money: "DECIMAL(20,8)",
  text: "VARCHAR(64)",
  json: "JSON"
}

/**
 * `one = other` for ids of two tables, as a condition on `one`, by whose index its rows are looked up: so `other` is turned
 * into the type of `one`, where they differ.
 */
export const sameId = (
  [one, oneColumn]: readonly [string, FoundColumn | undefined],
  [other, otherColumn]: readonly [string, FoundColumn | undefined]
): string => {
  if (oneColumn === undefined || otherColumn === undefined) return `${one} = ${other}`
  if (!isText(oneColumn)) {
    const digits = `CASE WHEN ${bytewise(other)} REGEXP '^-?[0-9]{1,65}$' THEN ${valueOf("id", otherColumn, other)} END`
    return `${one} = ${isText(otherColumn) ? digits : other}`
  }
  const { collation } = oneColumn
  if (collation === null || otherColumn.collation === collation) return `${one} = ${other}`
  const text = isText(otherColumn) ? other : `CAST(${other} + 0 AS CHAR)`
  return `${one} = ${collated(text, collation)}`
}
