import { createPool, type Pool, type RowDataPacket } from "mysql2/promise"
import { MEASURED_BOT } from "../fill/BaseRows.js"

/** Writes payments as a bot does: a bill is made, and a moment later it is paid; each is a transaction of its own. */
export interface Writer {
  /** So many at once, each on a connection of its own, until the time is over. */
  readonly write: (writers: number, seconds: number) => Promise<Written>
  /** Removes what was written. */
  readonly cleanUp: () => Promise<void>
  readonly end: () => Promise<void>
}

export interface Written {
  readonly transactions: number
  readonly seconds: number
  /** What the database refused: `ER_LOCK_DEADLOCK` and the like. There should be none. */
  readonly errors: ReadonlyArray<string>
}

const HEAD = "bench-writer-"
const INSERT = `INSERT INTO payments (bill_id, user_id, bot_id, provider, amount, currency, status, date, meta)
  VALUES (?, ?, ${MEASURED_BOT}, 'cards', 199, 'RUB', 'PENDING', ?, '{"plan": "month", "months": 1}')`
const PAY = "UPDATE payments SET status = 'PAID' WHERE bill_id = ?"

/** Customers of the bot who take turns: enough that two writers seldom meet in one. */
const CUSTOMERS = 2000

interface Customer extends RowDataPacket {
  readonly user_id: number
}

const customersOf = async (pool: Pool): Promise<ReadonlyArray<number>> => {
  const [rows] = await pool.query<Array<Customer>>(
    `SELECT user_id FROM users WHERE bot_id = ${MEASURED_BOT} ORDER BY uid DESC LIMIT ${CUSTOMERS}`
  )
  return rows.map(({ user_id }) => user_id)
}

export const openWriter = async (url: string): Promise<Writer> => {
  const pool = createPool({ uri: url, connectionLimit: 8, timezone: "Z", dateStrings: true })
  const customers = await customersOf(pool)
  let bills = 0

  const write: Writer["write"] = async (writers, seconds) => {
    const errors: Array<string> = []
    let transactions = 0
    const start = performance.now()
    const deadline = start + seconds * 1000
    const one = async () => {
      const connection = await pool.getConnection()
      const run = async (sql: string, values: Array<string | number | Date>) => {
        try {
          await connection.execute(sql, values)
          transactions++
        } catch (error) {
          errors.push((error as { code?: string }).code ?? String(error))
        }
      }
      while (performance.now() < deadline) {
        const bill = `${HEAD}${process.pid}-${++bills}`
        await run(INSERT, [bill, customers[bills % customers.length] ?? 0, new Date()])
        await run(PAY, [bill])
      }
      connection.release()
    }
    await Promise.all(Array.from({ length: writers }, one))
    return { transactions, seconds: (performance.now() - start) / 1000, errors }
  }

  return {
    write,
    cleanUp: async () => {
      await pool.query(`DELETE FROM payments WHERE bill_id LIKE '${HEAD}%'`)
    },
    end: () => pool.end()
  }
}
