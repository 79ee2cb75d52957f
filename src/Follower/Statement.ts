import { TABLES, type Table } from "./Doubt.js"

/**
 * What a statement in the log means for us, by its text alone. In doubt, more: too many doubts cost a rebuild, one too few
 * is a wrong figure.
 */
export type Meaning =
  /** It opens a transaction. */
  | { readonly _tag: "Begin" }
  /** It ends one. */
  | { readonly _tag: "End" }
  | { readonly _tag: "XaCommit" | "XaRollback"; readonly xid: string }
  /** It changes none of our tables' rows. */
  | { readonly _tag: "Nothing" }
  | {
      readonly _tag: "Definition"
      /** Of the three. */
      readonly tables: ReadonlyArray<Table>
      /** The database as a whole. */
      readonly everything: boolean
      /** Columns of ours may be others from now on, those of our own table included. */
      readonly concernsUs: boolean
      /** CREATE … SELECT: its rows follow in the same transaction. */
      readonly begins: boolean
    }
  /** What it changed can't be known: any DML, since a view or a trigger of another table's can hide ours. */
  | { readonly _tag: "Unknown" }

const BEGIN: Meaning = { _tag: "Begin" }
const END: Meaning = { _tag: "End" }
const NOTHING: Meaning = { _tag: "Nothing" }
const UNKNOWN: Meaning = { _tag: "Unknown" }

/** `ANALYZE UPDATE …` runs the UPDATE on MariaDB. */
const HARMLESS =
  /^(SAVEPOINT|RELEASE SAVEPOINT|ROLLBACK TO|XA END|(CREATE|DROP|ALTER|RENAME) (OR REPLACE )?(USER|ROLE)|GRANT|REVOKE|SET (PASSWORD|DEFAULT ROLE)|ANALYZE ((NO_WRITE_TO_BINLOG|LOCAL) )?TABLES?|FLUSH)\b/i
const DEFINITION = /^(CREATE|ALTER|DROP|RENAME|TRUNCATE|OPTIMIZE|REPAIR)\b/i
const OF_A_DATABASE = /^(CREATE|ALTER|DROP) (OR REPLACE )?(DATABASE|SCHEMA)\b/i
const OF_A_TABLE = /^CREATE (OR REPLACE )?(TEMPORARY )?TABLE\b/i

/** What MySQL writes in place of the SELECT of a CREATE TABLE … SELECT, whose rows follow. */
const ROWS_FOLLOW = /\bSTART TRANSACTION$/i

/** Long enough for the words that a statement begins with. */
const HEAD = 400

/** `/*!80000 …` and `/*M!100100 …` are code. */
const withCode = (text: string): string => text.replace(/\/\*M?!\d*/g, " ")

const inOneLine = (text: string): string => withCode(text).replace(/\s+/g, " ").trim()

/** Without the comments that it begins with. */
const begun = (text: string): string => {
  const rest = text.replace(/^(\s+|\/\*M?!\d*|\/\*(?!M?!)[\s\S]*?\*\/|(--|#)[^\n]*(\n|$))/, "")
  return rest === text ? text : begun(rest)
}

export const xidOf = (transactionHex: string, branchHex: string, format: number): string =>
  `${transactionHex.toLowerCase()},${branchHex.toLowerCase()},${format}`

/** Of `XA COMMIT X'6d79',X'',1`, as both servers write it: equal to what the event of its PREPARE says. */
const xidIn = (text: string): string => {
  const [, transaction = "", , branch = "", , format = "1"] =
    /X'([0-9a-f]*)'(,\s*X'([0-9a-f]*)')?(,\s*(\d+))?/i.exec(text) ?? []
  return xidOf(transaction, branch, Number(format))
}

export interface Watched {
  readonly database: string
  /** Our own table, which holds how far facts have come: its columns are of interest, its definition is no doubt. */
  readonly ownTable: string
}

const contains = (text: string, name: string): boolean => {
  const lower = name.toLowerCase()
  // A name in another character set than ours is written by other bytes.
  return /[^\x20-\x7e]/.test(name) || text.includes(lower) || text.includes(lower.replaceAll("`", "``"))
}

const isNamed = (text: string, name: string): boolean =>
  new RegExp(`\\b${name.replace(/[^\w]/g, "\\$&")}\\b`).test(text)

const definition = (schema: string, text: string, { database, ownTable }: Watched): Meaning => {
  const whole = inOneLine(text)
  const lower = whole.toLowerCase()
  const begins = ROWS_FOLLOW.test(whole)
  // In statement format it has no row events, and a function in the SELECT may have written anything.
  if (OF_A_TABLE.test(whole) && /\bselect\b/.test(lower) && !begins) return UNKNOWN
  const concernsUs = schema.toLowerCase() === database.toLowerCase() || contains(lower, database)
  return {
    _tag: "Definition",
    tables: concernsUs ? TABLES.filter((table) => isNamed(lower, table)) : [],
    everything: concernsUs && OF_A_DATABASE.test(whole),
    concernsUs: concernsUs && (OF_A_DATABASE.test(whole) || [...TABLES, ownTable].some((name) => isNamed(lower, name))),
    begins
  }
}

/** Of the text, one character for each byte: which bytes above 127 mean what is the writer's affair. */
export const meaningOf = (schema: string, bytes: string, watched: Watched): Meaning => {
  const text = begun(bytes)
  const head = inOneLine(text.slice(0, HEAD)).replace(/;+$/, "")
  if (/^(BEGIN|START TRANSACTION|XA START\b.*)$/i.test(head)) return BEGIN
  if (/^(COMMIT|ROLLBACK)$/i.test(head)) return END
  if (/^XA COMMIT\b/i.test(head)) return { _tag: "XaCommit", xid: xidIn(head) }
  if (/^XA ROLLBACK\b/i.test(head)) return { _tag: "XaRollback", xid: xidIn(head) }
  if (HARMLESS.test(head)) return NOTHING
  return DEFINITION.test(head) ? definition(schema, text, watched) : UNKNOWN
}
