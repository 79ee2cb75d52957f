import { connectTo } from "./Filled.js"

/** Another database of the same server, which is none of the service's business. */
export interface Elsewhere {
  /** Writes all rows in one transaction. */
  readonly write: () => Promise<WrittenElsewhere>
  readonly remove: () => Promise<void>
}

/** Seconds until the rows were there, and then until they were committed: in that time they go into the log. */
export interface WrittenElsewhere {
  readonly insertSeconds: number
  readonly commitSeconds: number
}

const NAME = "elsewhere"

/** Characters of each row. */
const WIDTH = 70

export const openElsewhere = async (url: string, rows: number): Promise<Elsewhere> => {
  const connection = await connectTo(url)
  const unlogged = async (...statements: ReadonlyArray<string>) => {
    await connection.query("SET SESSION sql_log_bin = 0")
    for (const statement of statements) await connection.query(statement)
    await connection.query("SET SESSION sql_log_bin = 1")
  }
  const secondsOf = async (statement: string): Promise<number> => {
    const start = performance.now()
    await connection.query(statement)
    return (performance.now() - start) / 1000
  }
  await unlogged(
    `DROP DATABASE IF EXISTS ${NAME}`,
    `CREATE DATABASE ${NAME}`,
    `CREATE TABLE ${NAME}.rows_written (n INT NOT NULL PRIMARY KEY, text VARCHAR(${WIDTH}) NOT NULL)`,
    `SET SESSION cte_max_recursion_depth = ${rows}`
  )
  return {
    write: async () => {
      await connection.query("START TRANSACTION")
      const insertSeconds = await secondsOf(`
        INSERT INTO ${NAME}.rows_written
        WITH RECURSIVE numbers AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM numbers WHERE n < ${rows})
        SELECT n, RPAD(n, ${WIDTH}, 'x') FROM numbers`)
      return { insertSeconds, commitSeconds: await secondsOf("COMMIT") }
    },
    remove: async () => {
      await unlogged(`DROP DATABASE ${NAME}`)
      await connection.end()
    }
  }
}
