import type { Connection, RowDataPacket } from "mysql2/promise"

/** The tables that the bots write. */
export const BOT_TABLES = ["bots", "users", "subscriptions", "payments"] as const

interface IndexName extends RowDataPacket {
  readonly name: string
}

/** Empty tables with the columns and indexes of another database's. */
export const copyTables = async (connection: Connection, from: string, to: string): Promise<void> => {
  for (const table of BOT_TABLES) await connection.query(`CREATE TABLE ${to}.${table} LIKE ${from}.${table}`)
}

/** Takes away all but the primary keys: filling goes faster without, and the service's migrations make them again. */
export const dropIndexes = async (connection: Connection, database: string): Promise<void> => {
  for (const table of BOT_TABLES) {
    const [indexes] = await connection.query<Array<IndexName>>(
      `SELECT DISTINCT index_name AS name FROM information_schema.statistics
       WHERE table_schema = ? AND table_name = ? AND index_name <> 'PRIMARY'`,
      [database, table]
    )
    for (const { name } of indexes) await connection.query(`ALTER TABLE ${database}.${table} DROP INDEX ${name}`)
  }
}

/** Counts rows and values anew: after loading in bulk, the server takes the tables for nearly empty. */
export const analyze = async (connection: Connection, database: string): Promise<void> => {
  const [tables] = await connection.query<Array<IndexName>>(
    "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = ? AND table_type = 'BASE TABLE'",
    [database]
  )
  for (const { name } of tables) await connection.query(`ANALYZE TABLE ${database}.${name}`)
}
