import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise"
import { loadRows } from "../../tools/bots/Load.js"
import type { DatabaseServer } from "../../tools/database/DatabaseServer.js"
import { say, timed } from "../report/Say.js"
import type { Size } from "../Sizes.js"
import { baseRows } from "./BaseRows.js"
import { multiply } from "./Multiply.js"
import { analyze, copyTables, dropIndexes } from "./Tables.js"

/** Changes with the rows that are made, so that databases of an older benchmark are filled anew. */
const VERSION = 1

/** Older data have no last days: the month of the summary would be half empty. */
const DAYS_USABLE = 7

/** So many payments are made one by one; larger databases hold them several times over. */
const BASE_PAYMENTS = 100_000

export interface FilledDatabase {
  readonly size: Size
  readonly name: string
  readonly url: string
  /** The data's present: no row is later. */
  readonly now: Date
  readonly rows: { readonly users: number; readonly payments: number; readonly subscriptions: number }
}

interface Fill extends RowDataPacket {
  readonly filled_for: string
  readonly users: number
  readonly payments: number
  readonly subscriptions: number
}

export const connectTo = (url: string): Promise<Connection> =>
  createConnection({ uri: url, timezone: "Z", dateStrings: true })

const databaseOf = ({ prefix, size }: FillOptions) => `${prefix}_${size.name}`

/** What was filled is noted beside the databases, not in them: they are as in life. */
const prepareNotes = async (connection: Connection) => {
  await connection.query("CREATE DATABASE IF NOT EXISTS bench_notes")
  await connection.query(`
    CREATE TABLE IF NOT EXISTS bench_notes.fills (
      name VARCHAR(64) NOT NULL PRIMARY KEY, version INT NOT NULL, filled_for DATETIME NOT NULL,
      users INT NOT NULL, payments INT NOT NULL, subscriptions INT NOT NULL)`)
}

const findFill = async (connection: Connection, options: FillOptions): Promise<FilledDatabase | undefined> => {
  const { now: wanted, server, size } = options
  const name = databaseOf(options)
  const [fills] = await connection.query<Array<Fill>>(
    "SELECT * FROM bench_notes.fills WHERE name = ? AND version = ? AND filled_for > NOW() - INTERVAL ? DAY",
    [name, VERSION, DAYS_USABLE]
  )
  return fills
    .map(({ filled_for, payments, subscriptions, users }): FilledDatabase => {
      const now = new Date(`${filled_for.replace(" ", "T")}Z`)
      return { size, name, url: server.url(name), now, rows: { users, payments, subscriptions } }
    })
    .find(({ now }) => wanted === undefined || now.getTime() === wanted.getTime())
}

export interface FillOptions {
  readonly server: DatabaseServer
  readonly size: Size
  /** The database's name begins with it: each build of the service has databases of its own. */
  readonly prefix: string
  /** The present of the rows, where they are to be another database's: equal rows are made for equal moments. */
  readonly now?: Date
  /** Brings the database of this URL to the service's version. */
  readonly migrate: (url: string) => Promise<void>
  /** Fills anew what an earlier run has filled. */
  readonly fresh: boolean
}

/** Fills tables that are as the service itself makes them, and then lets the service adopt them, as it does in life. */
const fillAnew = async (connection: Connection, options: FillOptions): Promise<void> => {
  const { migrate, server, size } = options
  const name = databaseOf(options)
  const copies = Math.max(1, Math.round(size.payments / BASE_PAYMENTS))
  const now = options.now ?? new Date(Math.floor(Date.now() / 1000) * 1000)
  await connection.query("DELETE FROM bench_notes.fills WHERE name = ?", [name])
  for (const database of [name, "bench_model", "bench_base"]) {
    await connection.query(`DROP DATABASE IF EXISTS ${database}`)
    await connection.query(`CREATE DATABASE ${database}`)
  }
  await migrate(server.url("bench_model"))
  await copyTables(connection, "bench_model", "bench_base")
  await copyTables(connection, "bench_model", name)
  for (const database of ["bench_base", name]) await dropIndexes(connection, database)
  await connection.query("USE bench_base")
  await loadRows(connection, baseRows(Math.round(size.payments / copies), now))
  await multiply(connection, "bench_base", name, copies)
  for (const database of ["bench_model", "bench_base"]) await connection.query(`DROP DATABASE ${database}`)
  await migrate(server.url(name))
  await analyze(connection, name)
  await connection.query(
    `INSERT INTO bench_notes.fills
     SELECT ?, ?, ?, (SELECT COUNT(*) FROM ${name}.users), (SELECT COUNT(*) FROM ${name}.payments),
       (SELECT COUNT(*) FROM ${name}.subscriptions)`,
    [name, VERSION, now]
  )
}

/** Counts anew what is in all tables, the service's own too. */
export const analyzeAll = async ({ name, url }: FilledDatabase): Promise<void> => {
  const connection = await connectTo(url)
  await connection.query("SET SESSION sql_log_bin = 0")
  await timed(`${name}: counting rows and values (ANALYZE TABLE)`, () => analyze(connection, name))
  await connection.end()
}

/** A filled database of this size: that of an earlier run where there is one. */
export const filledDatabase = async (options: FillOptions): Promise<{ database: FilledDatabase; isNew: boolean }> => {
  const { fresh, server } = options
  const name = databaseOf(options)
  const connection = await connectTo(server.url("mysql"))
  try {
    await prepareNotes(connection)
    const known = fresh ? undefined : await findFill(connection, options)
    if (known !== undefined) {
      say(`${name}: reusing the rows made for ${known.now.toISOString()} (--fresh makes new ones)`)
      return { database: known, isNew: false }
    }
    // Nobody needs the way back to a half filled database, nor a copy of it in the binary log.
    await connection.query("SET SESSION sql_log_bin = 0, unique_checks = 0, foreign_key_checks = 0")
    await connection.query("SET GLOBAL innodb_redo_log_capacity = 2147483648")
    await timed(`${name}: filling`, () => fillAnew(connection, options))
    const filled = await findFill(connection, options)
    if (filled === undefined) throw new Error(`${name} was filled, and is not there`)
    return { database: filled, isNew: true }
  } finally {
    await connection.end()
  }
}
