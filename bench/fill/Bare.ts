import type { Connection, RowDataPacket } from "mysql2/promise"
import { timed } from "../report/Say.js"
import { analyze, BOT_TABLES, copyTables } from "./Tables.js"

interface Found extends RowDataPacket {
  readonly found: number
}

const count = async (connection: Connection, sql: string, values: Array<string>): Promise<number> => {
  const [[row]] = await connection.query<Array<Found>>(sql, values)
  return row?.found ?? 0
}

/** How many triggers there are on the bots' tables. */
export const triggerCount = (connection: Connection, database: string): Promise<number> =>
  count(connection, "SELECT COUNT(*) AS found FROM information_schema.triggers WHERE trigger_schema = ?", [database])

/** A copy of the bots' tables with the same rows and indexes, and no triggers. */
export const bareCopy = (connection: Connection, database: string): Promise<string> => {
  const copy = `${database}_bare`
  return timed(`${copy}: copying ${database}, without triggers`, async () => {
    await connection.query("SET SESSION sql_log_bin = 0")
    await connection.query(`DROP DATABASE IF EXISTS ${copy}`)
    await connection.query(`CREATE DATABASE ${copy}`)
    await copyTables(connection, database, copy)
    for (const table of BOT_TABLES)
      await connection.query(`INSERT INTO ${copy}.${table} SELECT * FROM ${database}.${table}`)
    await analyze(connection, copy)
    await connection.query("SET SESSION sql_log_bin = 1")
    return copy
  })
}
