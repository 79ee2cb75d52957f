import { createPool, type ExecuteValues, type RowDataPacket } from "mysql2/promise"
import type { Config } from "./Config.js"

export interface Database {
  /** The rows of a statement, prepared once on each connection. */
  readonly rows: <Row>(sql: string, values?: Array<ExecuteValues>) => Promise<Array<Row>>
  readonly ping: () => Promise<unknown>
}

export const connect = ({ databaseUrl, poolSize }: Config): Database => {
  const pool = createPool({
    uri: databaseUrl,
    connectionLimit: poolSize,
    timezone: "Z",
    dateStrings: true,
    decimalNumbers: true,
    supportBigNumbers: true,
    charset: "utf8mb4"
  })
  return {
    rows: async <Row>(sql: string, values: Array<ExecuteValues> = []) => {
      const [rows] = await pool.execute<Array<RowDataPacket>>(sql, values)
      return rows as unknown as Array<Row>
    },
    ping: () => pool.query("SELECT 1")
  }
}

/** A DATETIME (UTC), `2026-01-31 23:59:59`, as the API writes it. */
export const toIso = (text: string | null): string | null => (text === null ? null : `${text.replace(" ", "T")}Z`)
