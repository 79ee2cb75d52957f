import { createReadStream } from "node:fs"
import { createInterface } from "node:readline"

/**
 * The server's own list of all statements that came to it (`general_log`), read for what the service did to the bots'
 * tables. It may read them, and add what they lack; it writes nothing to them, locks nothing in them, and makes nothing else
 * on them.
 */

/** How each session of the service begins (src/Database/Session.ts): a bot's or a test's own does not. */
const OURS = /^SET SESSION autocommit = 0\b/

const ENTRY = /^(?:\d{4}-\d\d-\d\dT\S+|\d{6}\s+\d\d?:\d\d:\d\d)?\s*(\d+) (\w[\w ]*)\t(.*)$/

const TABLES = "(?:bots|users|payments|subscriptions)"

const NAMES_TABLE = new RegExp(`\\b${TABLES}\\b`, "i")

const READS = /^(?:SELECT|\(\s*SELECT|WITH|SHOW|EXPLAIN|DESCRIBE)\b/i
const LOCKS = /\b(?:FOR (?:UPDATE|SHARE)|LOCK IN SHARE MODE)\b/i

/** What the contract allows: tables that are not there, columns and indexes that are missing, and our triggers gone. */
const ALLOWED = [
  new RegExp(`^CREATE TABLE IF NOT EXISTS ${TABLES} \\(`),
  new RegExp(`^ALTER TABLE ${TABLES} ADD (?:COLUMN|INDEX) `),
  /^DROP TRIGGER IF EXISTS bot_analytics_/
]

const plain = (statement: string): string =>
  statement
    .replace(/'(?:[^'\\]|\\.|'')*'/gs, "''")
    .replace(/"(?:[^"\\]|\\.|"")*"/gs, '""')
    .replace(/\s+/g, " ")
    .trim()

/** Whether the service may send this statement. */
export const isHarmless = (statement: string): boolean => {
  const text = plain(statement)
  if (!NAMES_TABLE.test(text)) return !/\bCREATE\b.*\b(?:TRIGGER|EVENT|VIEW)\b/i.test(text)
  if (READS.test(text)) return !LOCKS.test(text) && !/\bINTO (?:OUTFILE|DUMPFILE|@)/i.test(text)
  return ALLOWED.some((allowed) => allowed.test(text))
}

export interface Watched {
  /** Statements of the service that named a table of the bots. */
  readonly read: number
  /** Those that it may not send, once each. */
  readonly harmful: ReadonlyArray<string>
}

/** Reads a whole general log, of MySQL or of MariaDB. */
export const watch = async (lines: AsyncIterable<string>): Promise<Watched> => {
  const ours = new Set<string>()
  const harmful = new Set<string>()
  let read = 0
  let entry: { thread: string; command: string; text: string } | undefined
  const judge = () => {
    if (entry === undefined) return
    const { command, text, thread } = entry
    if (command === "Connect" || command === "Reset Connection") ours.delete(thread)
    if (command === "Query" && OURS.test(text)) ours.add(thread)
    if (!ours.has(thread) || !(command === "Query" || command === "Execute" || command === "Prepare")) return
    if (NAMES_TABLE.test(text)) read++
    if (!isHarmless(text)) harmful.add(text)
  }
  for await (const line of lines) {
    const [, thread, command, text = ""] = ENTRY.exec(line) ?? []
    if (thread === undefined || command === undefined) {
      if (entry !== undefined) entry.text += `\n${line}`
      continue
    }
    judge()
    entry = { thread, command, text }
  }
  judge()
  return { read, harmful: [...harmful] }
}

export const watchFile = (file: string): Promise<Watched> =>
  watch(createInterface({ input: createReadStream(file, "utf8"), crlfDelay: Number.POSITIVE_INFINITY }))
