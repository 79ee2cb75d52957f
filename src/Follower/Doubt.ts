import type { Place } from "./Place.js"

/** The bots' tables that facts are made of. */
export const TABLES = ["users", "payments", "subscriptions"] as const
export type Table = (typeof TABLES)[number]

/**
 * Why the log may show less than has changed. Never a statement's text: MariaDB writes passwords into the log as they were
 * given (CREATE USER).
 */
export type DoubtKind =
  /** A definition changed: ALTER, TRUNCATE, RENAME, DROP, a partition. */
  | "definition"
  /** Logged as a statement: whatever it, its triggers and its functions changed is not told. */
  | "statement"
  /** A row without the columns that say whose it is. */
  | "image"
  /** A row whose columns are not known, or are of a type that is not read. */
  | "columns"
  /** An event of a kind that is not known, or not formed as it should be. */
  | "event"
  /** The server itself says that its log has a hole. */
  | "incident"
  /** A distributed transaction ended whose rows have not been seen. */
  | "xa"
  /** A transaction that could not be inflated. */
  | "compression"
  /** The log went on elsewhere than where it was left: purged, reset, or another server's. */
  | "gap"

export interface Seen {
  readonly kind: DoubtKind
  /** None: everything. */
  readonly table: Table | undefined
}

/** Facts that have taken in the log up to a place before this one are not to be used. */
export interface Doubt extends Seen {
  readonly place: Place
}

const WORDS: Readonly<Record<DoubtKind, string>> = {
  definition: "its definition was changed",
  statement: "a statement was logged in place of the rows that it changed",
  image: "a row was logged without bot_id or user_id",
  columns: "rows were logged whose columns are not known",
  event: "the log holds an event that is not known",
  incident: "the server reports a hole in its log",
  xa: "a distributed transaction was committed that began before the log was followed",
  compression: "a compressed transaction can't be read",
  gap: "the log does not go on where it was left"
}

/** For the log of the service. */
export const describe = ({ kind, table }: Seen): string => `${table ?? "everything"}: ${WORDS[kind]}`
