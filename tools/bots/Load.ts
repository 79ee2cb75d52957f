/**
 * Makes the four tables as the bots' own software would, and fills them in bulk.
 */
import type { Connection, Pool } from "mysql2/promise"
import type { BotData, BotRow, PaymentRow, SubscriptionRow, UserRow } from "./Rows.js"

export type BotTable = keyof BotData

interface Column<Row> {
  readonly name: keyof Row & string
  readonly type: string
}

type Columns<Row> = ReadonlyArray<Column<Row>>

const uid = "INT NOT NULL AUTO_INCREMENT PRIMARY KEY"

const tables: {
  readonly bots: Columns<BotRow>
  readonly users: Columns<UserRow>
  readonly payments: Columns<PaymentRow>
  readonly subscriptions: Columns<SubscriptionRow>
} = {
  bots: [
    { name: "uid", type: uid },
    { name: "bot_id", type: "BIGINT NOT NULL" },
    { name: "username", type: "VARCHAR(64) NULL" },
    { name: "admin_id", type: "BIGINT NOT NULL" },
    { name: "ref_percent", type: "DECIMAL(5,2) NOT NULL DEFAULT 0" },
    { name: "balance", type: "DECIMAL(20,8) NOT NULL DEFAULT 0" },
    { name: "status", type: "VARCHAR(32) NOT NULL DEFAULT 'ACTIVE'" },
    { name: "meta", type: "JSON NULL" }
  ],
  users: [
    { name: "uid", type: uid },
    { name: "user_id", type: "BIGINT NOT NULL" },
    { name: "bot_id", type: "INT NOT NULL" },
    { name: "username", type: "VARCHAR(64) NULL" },
    { name: "invited", type: "VARCHAR(64) NULL" },
    { name: "reg_date", type: "DATETIME NULL" },
    { name: "ref_percent", type: "DECIMAL(5,2) NOT NULL DEFAULT 0" },
    { name: "meta", type: "JSON NULL" }
  ],
  payments: [
    { name: "bill_id", type: "VARCHAR(64) NOT NULL PRIMARY KEY" },
    { name: "user_id", type: "BIGINT NOT NULL" },
    { name: "bot_id", type: "INT NOT NULL" },
    { name: "provider", type: "VARCHAR(32) NULL" },
    { name: "amount", type: "DECIMAL(20,8) NOT NULL" },
    { name: "currency", type: "VARCHAR(16) NOT NULL" },
    { name: "status", type: "VARCHAR(32) NOT NULL" },
    { name: "date", type: "DATETIME NOT NULL" },
    { name: "meta", type: "JSON NULL" }
  ],
  subscriptions: [
    { name: "uid", type: uid },
    { name: "sub_uid", type: "VARCHAR(64) NOT NULL" },
    { name: "sub_url", type: "VARCHAR(512) NULL" },
    { name: "user_id", type: "BIGINT NOT NULL" },
    { name: "bot_id", type: "INT NOT NULL" },
    { name: "status", type: "VARCHAR(32) NOT NULL" },
    { name: "start_date", type: "DATETIME NULL" },
    { name: "stop_date", type: "DATETIME NULL" },
    { name: "meta", type: "JSON NULL" },
    { name: "keys", type: "JSON NULL" }
  ]
}

const names: ReadonlyArray<BotTable> = ["bots", "users", "subscriptions", "payments"]

const optional = (type: string): boolean => !type.includes("NOT NULL") || type.includes("DEFAULT")

/** Every column, as `table.column`, that may be null or has a default: what `bare` leaves out. */
export const optionalColumns: ReadonlyArray<string> = names.flatMap((table) =>
  tables[table].flatMap(({ name, type }) => (optional(type) ? [`${table}.${name}`] : []))
)

export interface AbsentColumns {
  /** Columns that the tables don't have, as `table.column`: `["users.invited", "subscriptions.sub_url"]`. */
  readonly without?: ReadonlyArray<string>
  /** The tables have none of `optionalColumns`. */
  readonly bare?: boolean
}

export interface TableOptions extends AbsentColumns {
  /** The type of the columns that hold JSON (`meta`, `keys`). Default: JSON. */
  readonly metaType?: "JSON" | "TEXT"
}

const present = <C extends { readonly name: string }>(
  table: BotTable,
  columns: ReadonlyArray<C>,
  absent: AbsentColumns
): ReadonlyArray<C> => {
  const missing = new Set([...(absent.without ?? []), ...(absent.bare === true ? optionalColumns : [])])
  return columns.filter(({ name }) => !missing.has(`${table}.${name}`))
}

/** Creates the four tables with primary keys and no other index. Fails where one of them is there already. */
export const createBotTables = async (connection: Connection | Pool, options: TableOptions = {}): Promise<void> => {
  const unknown = (options.without ?? []).filter((column) => !isColumn(column))
  if (unknown.length > 0) throw new Error(`no such column of the bots' tables: ${unknown.join(", ")}`)
  for (const table of names) {
    const columns = present<{ readonly name: string; readonly type: string }>(table, tables[table], options).map(
      ({ name, type }) => `\`${name}\` ${type.replace("JSON", options.metaType ?? "JSON")}`
    )
    await connection.query(`CREATE TABLE \`${table}\` (${columns.join(", ")}) CHARACTER SET utf8mb4`)
  }
}

const isColumn = (column: string): boolean =>
  names.some((table) => tables[table].some(({ name }) => `${table}.${name}` === column))

const rowsInStatement = 1000
const rowsInTransaction = 10_000

/** DATETIME text in UTC, cut to the second; the driver's own conversion depends on the process's time zone. */
const utcText = (date: Date): string => date.toISOString().slice(0, 19).replace("T", " ")

const loadTable = async <Row>(
  connection: Connection,
  table: BotTable,
  columns: Columns<Row>,
  rows: ReadonlyArray<Row>,
  onLoaded: (rows: number) => void
): Promise<void> => {
  const list = columns.map(({ name }) => `\`${name}\``).join(", ")
  const insert = `INSERT INTO \`${table}\` (${list}) VALUES ?`
  for (let first = 0; first < rows.length; first += rowsInTransaction) {
    const last = Math.min(first + rowsInTransaction, rows.length)
    await connection.beginTransaction()
    try {
      for (let from = first; from < last; from += rowsInStatement) {
        const values = rows.slice(from, Math.min(from + rowsInStatement, last)).map((row) =>
          columns.map(({ name }) => {
            const value = row[name]
            return value instanceof Date ? utcText(value) : value
          })
        )
        await connection.query(insert, [values])
        onLoaded(values.length)
      }
      await connection.commit()
    } catch (error) {
      await connection.rollback().catch(() => undefined)
      throw error
    }
  }
}

/**
 * Inserts the rows, in transactions of 10,000. `onProgress` hears the rows loaded so far and the rows in all. Commits by
 * itself: not for a connection in a transaction of its own. A failure leaves the earlier transactions' rows in place.
 */
export const loadRows = async (
  connection: Connection | Pool,
  data: BotData,
  onProgress?: (done: number, total: number) => void,
  absent: AbsentColumns = {}
): Promise<void> => {
  const total = names.reduce((sum, table) => sum + data[table].length, 0)
  let done = 0
  const onLoaded = (rows: number): void => {
    done += rows
    onProgress?.(done, total)
  }
  const pooled = "getConnection" in connection ? await connection.getConnection() : undefined
  const one = pooled ?? connection
  try {
    await loadTable(one, "bots", present("bots", tables.bots, absent), data.bots, onLoaded)
    await loadTable(one, "users", present("users", tables.users, absent), data.users, onLoaded)
    await loadTable(
      one,
      "subscriptions",
      present("subscriptions", tables.subscriptions, absent),
      data.subscriptions,
      onLoaded
    )
    await loadTable(one, "payments", present("payments", tables.payments, absent), data.payments, onLoaded)
  } finally {
    pooled?.release()
  }
}
