import type { SqlClient } from "@effect/sql/SqlClient"
import type { Row } from "@effect/sql/SqlConnection"
import type { Fragment } from "@effect/sql/Statement"
import { identity } from "effect/Function"
import * as Schema from "effect/Schema"
import { type BotTable, type BotTables, type FoundColumn, forTables } from "../Database/BotTables.js"
import { isCalendarDate } from "../Domain/Calendar.js"
import { Id, isWholeNumber, TelegramId, type WholeNumber } from "../Domain/Ids.js"
import { Json, RawJson } from "../Domain/Json.js"
import { Decimal } from "../Domain/Money.js"
import { UtcTime } from "../Domain/Time.js"
import { isText, listed, PLAIN_DECIMAL, type Role } from "./Types.js"

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

/** Reads the values of one column of this database. */
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
    /** Which types it may have: src/Tables/Types.ts. */
    readonly role: Role,
    /** Whether there is nothing to answer without it. */
    readonly isNeeded = true
  ) {}

  /** A table may lack it. */
  get optional(): Column<A, I> {
    return new Column(this.schema, this.reader, this.role, false)
  }

  annotations(annotations: Schema.Annotations.GenericSchema<A>): Column<A, I> {
    return new Column(this.schema.annotations(annotations), this.reader, this.role, this.isNeeded)
  }
}

class Unreadable extends Error {}

/** A row holds what its column, as the contract has it, can't hold. The text names the column, and not the value: that may be a secret. */
export class UnreadableRow extends Error {
  override readonly name = "UnreadableRow"
  constructor(
    readonly table: BotTable,
    readonly column: string,
    why: string
  ) {
    super(`A value of ${table}.${column} is ${why}`)
  }
}

/** One for all: it keeps nothing from one text to the next. */
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** BINARY and BLOB come as bytes. Most of them hold text. */
const decoded = (bytes: Uint8Array): string => {
  try {
    return utf8.decode(bytes)
  } catch {
    throw new Unreadable("no text")
  }
}

/** What the driver gives for whichever type, as text with every digit. */
const textOf = (raw: unknown): string | null => {
  if (typeof raw === "string") return raw
  if (raw === null || raw === undefined) return null
  if (raw instanceof Uint8Array) return decoded(raw)
  if (typeof raw === "number" || typeof raw === "bigint") return String(raw)
  throw new Unreadable("no text")
}

const WHOLE = /^-?\d{1,65}$/

/** Past 2^53 the driver gives text. */
const wholeNumber = (raw: unknown): WholeNumber | undefined => {
  if (isWholeNumber(raw)) return raw
  if (typeof raw !== "string" || !WHOLE.test(raw)) return undefined
  const number = Number(raw)
  return Number.isSafeInteger(number) ? number : BigInt(raw)
}

const whole = <A extends WholeNumber | null, I>(
  schema: Schema.Schema<A, I>,
  fits: (value: WholeNumber | null | undefined) => value is A
): Column<A, I> => {
  const value = (raw: unknown): A => {
    const read = raw === null || raw === undefined ? null : wholeNumber(raw)
    if (fits(read)) return read
    throw new Unreadable("no whole number of this kind")
  }
  return new Column(schema, () => ({ value, exact: textOf }), "id")
}

const textOr = <Null>(
  schema: Schema.Schema<string | Null>,
  ofNull: () => Null | string,
  ofText: (text: string) => string = identity
): Column<string | Null> => {
  const value = (raw: unknown): string | Null => {
    const text = typeof raw === "string" ? raw : textOf(raw)
    return text === null ? ofNull() : ofText(text)
  }
  return new Column(schema, () => ({ value, exact: textOf }), "text")
}

/** Of a date as the server writes it: `2026-00-10` and `2026-02-30` are none, which a lax server keeps. */
const isDay = (raw: string): boolean => {
  const [month, day] = [Number(raw.slice(5, 7)), Number(raw.slice(8, 10))]
  return month > 0 && day > 0 && (day <= 28 || isCalendarDate(raw.slice(0, 10)))
}

/** DATETIMEs are UTC: `2026-01-31 23:59:59` is `2026-01-31T23:59:59Z`, a DATE that midnight. */
const instantOf = (raw: string): string | null =>
  isDay(raw) ? `${raw.slice(0, 10)}T${raw.slice(11) || "00:00:00"}Z` : null

/** A column of another type is never read: the service is not ready. Null where it is no instant. */
const instant = (raw: unknown): string | null => {
  if (raw === null || raw === undefined) return null
  if (typeof raw === "string") return instantOf(raw)
  throw new Unreadable("no time")
}

const isPlain = new RegExp(PLAIN_DECIMAL)

/** Comes as text, or as a number where an older table has an integer. The contract knows no null: it is 0. */
const decimal = (raw: unknown): Decimal => {
  const number = typeof raw === "string" ? Number(raw) : (raw ?? 0)
  if (isDecimal(number)) return number
  throw new Unreadable("no decimal")
}
const isDecimal = (value: unknown): value is Decimal => typeof value === "number" && Number.isFinite(value)

/** Of a text column, what SQL takes for a decimal too. */
const decimalReader: MakeReader<Decimal> = (found) => ({
  value:
    found === undefined || !isText(found)
      ? decimal
      : (raw) => {
          if (typeof raw === "string" && !isPlain.test(raw)) throw new Unreadable("no decimal")
          return decimal(raw)
        },
  exact: (raw) => textOf(raw ?? 0)
})

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
  value: (raw) => {
    const text = textOf(raw)
    return text === null ? null : found?.type === "json" ? new RawJson(text) : checkedJson(text)
  },
  exact: textOf
})

export const column = {
  /** What tells a row, or its bot, from others. */
  rowId: whole(Id, isWholeNumber),
  /** A Telegram id, whatever a bot wrote there, or nothing. */
  telegramId: whole(Schema.NullOr(Id), (value) => value !== undefined),
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
  time: new Column(Schema.NullOr(UtcTime), () => ({ value: instant, exact: instant }), "time"),
  decimal: new Column(Decimal, decimalReader, "money"),
  json: new Column(Json, jsonReader, "json")
} as const

interface AnyColumn {
  readonly schema: Schema.Schema.AnyNoContext
  readonly reader: MakeReader<unknown>
  readonly role: Role
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
  readonly roles: { readonly [Name in keyof C]: Role }
  /** Those without which there is nothing to answer. */
  readonly needed: ReadonlyArray<string>
  /** What a SELECT of the table under the alias `r` names; null for what the table lacks. */
  readonly select: (sql: SqlClient, tables: BotTables) => Fragment
  /** Throws an `UnreadableRow` where a value is none of its column. */
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
        throw error instanceof Unreadable ? new UnreadableRow(table, at, error.message) : error
      }
      return values
    }
  }

  // The names are ours, and no statement has to put this together anew.
  const select = forTables((tables) =>
    Object.entries(definition)
      .map(([name, { role }]) => {
        const found = tables.column(table, name)
        const column = `r.\`${name}\``
        const read = found === undefined ? "NULL" : listed(role, found, column)
        return read === column ? column : `${read} AS \`${name}\``
      })
      .join(", ")
  )

  return {
    table,
    fields: Object.fromEntries(Object.entries(definition).map(([name, { schema }]) => [name, schema])),
    roles: Object.fromEntries(Object.entries(definition).map(([name, { role }]) => [name, role])),
    needed: names.filter((name) => definition[name]?.isNeeded),
    select: (sql, tables) => sql.literal(select(tables)),
    read: forTables((tables) => readRow(tables, ({ value }) => value)),
    exact: forTables((tables) => readRow(tables, ({ exact }) => exact))
  }
}
