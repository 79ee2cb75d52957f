import type { SqlClient } from "@effect/sql/SqlClient"
import type { Row } from "@effect/sql/SqlConnection"
import type { Fragment } from "@effect/sql/Statement"
import { identity } from "effect/Function"
import * as Schema from "effect/Schema"
import { type BotTable, type BotTables, type FoundColumn, forTables } from "../Database/BotTables.js"
import { RowId, TelegramId, TelegramIdColumn } from "../Domain/Ids.js"
import { Json, RawJson } from "../Domain/Json.js"
import { Decimal } from "../Domain/Money.js"
import { UtcTime } from "../Domain/Time.js"

/**
 * The columns of a table, each written down once: its name, how it is read, what stands for it where an older table lacks
 * it, and its type in a response. What a SELECT names, what reads a row, which columns must be there, and the schema of the
 * response come from this.
 *
 * ```ts
 * const payments = columns("payments", {
 *   bill_id: column.key,
 *   amount: column.decimal.annotations({ description: "In major units" }),
 *   provider: column.text.optional
 * })
 * const Payment = Schema.Struct(payments.fields)
 * sql`SELECT ${payments.select(sql, tables)} FROM payments r`
 * rows.map(payments.read(tables)) // typeof Payment.Type
 * ```
 */

/** Reads the values of one column of this database. What the column can't hold is a defect. */
interface Reader<A> {
  /** From what the driver gives to what a response holds. */
  readonly value: (raw: unknown) => A
  /** The same as text, with every digit that is stored: "199.99" where `value` is the double nearest to it. */
  readonly exact: (raw: unknown) => string | null
}

/** From the column as it was found; undefined where the table has none, and all its values are null. */
type MakeReader<A> = (found: FoundColumn | undefined) => Reader<A>

/** Immutable: each method gives another column. */
export class Column<A, I = A> {
  constructor(
    /** The type in a response. */
    readonly schema: Schema.Schema<A, I>,
    readonly reader: MakeReader<A>,
    /** Whether there is nothing to answer without it. */
    readonly isNeeded = true
  ) {}

  /** A table may lack it. */
  get optional(): Column<A, I> {
    return new Column(this.schema, this.reader, false)
  }

  annotations(annotations: Schema.Annotations.GenericSchema<A>): Column<A, I> {
    return new Column(this.schema.annotations(annotations), this.reader, this.isNeeded)
  }
}

class Unreadable extends Error {}

const textOf = (raw: unknown): string | null =>
  typeof raw === "string" ? raw : raw === null || raw === undefined ? null : String(raw)

const isWhole = (raw: unknown): raw is number => Number.isSafeInteger(raw)

const whole = <A, I>(schema: Schema.Schema<A, I>, fits: (raw: unknown) => raw is A): Column<A, I> => {
  const value = (raw: unknown): A => {
    if (fits(raw)) return raw
    throw new Unreadable("no whole number of this kind")
  }
  return new Column(schema, () => ({ value, exact: textOf }))
}

const textOr = <Null>(
  schema: Schema.Schema<string | Null>,
  ofNull: () => Null | string,
  ofText: (text: string) => string = identity
): Column<string | Null> => {
  const value = (raw: unknown): string | Null => {
    if (typeof raw === "string") return ofText(raw)
    if (raw === null || raw === undefined) return ofNull()
    throw new Unreadable("no text")
  }
  return new Column(schema, () => ({ value, exact: textOf }))
}

/** DATETIMEs are UTC: `2026-01-31 23:59:59` is `2026-01-31T23:59:59Z`. MySQL's zero date is no instant. */
const instant = (raw: unknown): string | null => {
  if (raw === null || raw === undefined) return null
  if (typeof raw !== "string") throw new Unreadable("no time")
  return raw.startsWith("0000-00-00") ? null : `${raw.slice(0, 10)}T${raw.slice(11)}Z`
}

/** Comes as text, or as a number where an older table has a FLOAT or an integer. The contract knows no null: it is 0. */
const decimal = (raw: unknown): Decimal => {
  const number = typeof raw === "string" ? Number(raw) : (raw ?? 0)
  if (isDecimal(number)) return number
  throw new Unreadable("no decimal")
}
const isDecimal = (value: unknown): value is Decimal => typeof value === "number" && Number.isFinite(value)

/** Text in a column that may hold any. What is no JSON is answered as a string. */
const checkedJson = (text: string): unknown => {
  try {
    JSON.parse(text)
    return new RawJson(text)
  } catch {
    return text
  }
}

/**
 * The stored text is passed on, unparsed. A column of MySQL's type JSON holds nothing else. MariaDB's JSON and older tables'
 * TEXT may hold anything, so there each value is looked at.
 */
const jsonReader: MakeReader<unknown> = (found) => ({
  value: (raw) =>
    typeof raw !== "string" ? (raw ?? null) : found?.type === "json" ? new RawJson(raw) : checkedJson(raw),
  exact: textOf
})

export const column = {
  rowId: whole(RowId, isWhole),
  /** A Telegram id, whatever a bot wrote there. */
  telegramId: whole(TelegramIdColumn, isWhole),
  /** A Telegram id that a request was let in by. */
  ownerId: whole(TelegramId, Schema.is(TelegramId)),
  /** A text that is there in each row. */
  key: textOr<never>(Schema.String, () => {
    throw new Unreadable("no text")
  }),
  text: textOr(Schema.NullOr(Schema.String), () => null),
  /** A text with a default for null. */
  textOr: (fallback: string) => textOr<never>(Schema.String, () => fallback),
  /** A text in upper case, and an empty one for null. */
  upperCase: textOr<never>(
    Schema.String,
    () => "",
    (text) => text.toUpperCase()
  ),
  time: new Column(Schema.NullOr(UtcTime), () => ({ value: instant, exact: instant })),
  decimal: new Column(Decimal, () => ({ value: decimal, exact: (raw) => textOf(raw ?? 0) })),
  json: new Column(Json, jsonReader)
} as const

interface AnyColumn {
  readonly schema: Schema.Schema.AnyNoContext
  readonly reader: MakeReader<unknown>
  readonly isNeeded: boolean
}

type Columns = Readonly<Record<string, AnyColumn>>

/** A row of the table, as a response holds it. */
type RowOf<C extends Columns> = { readonly [Name in keyof C]: Schema.Schema.Type<C[Name]["schema"]> }

/** A row's values as text, with every digit that is stored. */
type ExactRowOf<C extends Columns> = { readonly [Name in keyof C]: string | null }

interface TableColumns<C extends Columns> {
  readonly table: BotTable
  /** For `Schema.Struct`. */
  readonly fields: { readonly [Name in keyof C]: C[Name]["schema"] }
  /** Those without which there is nothing to answer. */
  readonly needed: ReadonlyArray<string>
  /** What a SELECT of the table under the alias `r` names; null for what the table lacks. */
  readonly select: (sql: SqlClient, tables: BotTables) => Fragment
  readonly read: (tables: BotTables) => (row: Row) => RowOf<C>
  readonly exact: (tables: BotTables) => (row: Row) => ExactRowOf<C>
}

/** The columns of one of the bots' tables. */
export function columns<const C extends Columns>(table: BotTable, definition: C): TableColumns<C>
export function columns(table: BotTable, definition: Columns): TableColumns<Columns> {
  const names = Object.keys(definition)

  const readRow = <A>(tables: BotTables, readerOf: (reader: Reader<unknown>) => (raw: unknown) => A) => {
    const columns = Object.entries(definition).map(([name, { reader }]) => ({
      name,
      read: readerOf(reader(tables.column(table, name)))
    }))
    return (row: Row): Record<string, A> => {
      const values: Record<string, A> = {}
      let at = ""
      try {
        for (const { name, read } of columns) {
          at = name
          values[name] = read(row[name])
        }
      } catch (error) {
        // The value stays out of it: it may be a secret.
        throw error instanceof Unreadable ? new Error(`A value of ${table}.${at} is ${error.message}`) : error
      }
      return values
    }
  }

  // The names are ours, and no statement has to put this together anew.
  const select = forTables((tables) =>
    names.map((name) => (tables.column(table, name) === undefined ? `NULL AS \`${name}\`` : `r.\`${name}\``)).join(", ")
  )

  return {
    table,
    fields: Object.fromEntries(Object.entries(definition).map(([name, { schema }]) => [name, schema])),
    needed: names.filter((name) => definition[name]?.isNeeded),
    select: (sql, tables) => sql.literal(select(tables)),
    read: forTables((tables) => readRow(tables, ({ value }) => value)),
    exact: forTables((tables) => readRow(tables, ({ exact }) => exact))
  }
}
