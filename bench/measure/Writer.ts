import { createPool, type Pool, type PoolConnection, type RowDataPacket } from "mysql2/promise"
import { MEASURED_BOT } from "../fill/BaseRows.js"
import { paced } from "./Pace.js"
import { spreadOf } from "./Statistics.js"

/** Writes payments as a bot does: a bill is made, and a moment later it is paid; each is a transaction of its own. */
export interface Writer {
  /** So many at once, each on a connection of its own, one transaction after another until the time is over. */
  readonly write: (writers: number, seconds: number) => Promise<Written>
  /** So many transactions a second, however long each takes. */
  readonly pace: (perSecond: number, seconds: number) => Promise<Written>
  /** Removes what was written. */
  readonly cleanUp: () => Promise<void>
  readonly end: () => Promise<void>
}

export interface Written {
  readonly transactions: number
  readonly seconds: number
  /** Milliseconds that one took. */
  readonly p50: number
  readonly p99: number
  readonly longest: number
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

  /** `work` is given what makes a bill and pays it. */
  const written = async (
    work: (writeBill: (connection: Pool | PoolConnection) => Promise<void>) => Promise<unknown>
  ) => {
    const errors: Array<string> = []
    const times: Array<number> = []
    const run = async (connection: Pool | PoolConnection, sql: string, values: Array<string | number | Date>) => {
      const start = performance.now()
      try {
        await connection.execute(sql, values)
        times.push(performance.now() - start)
      } catch (error) {
        errors.push((error as { code?: string }).code ?? String(error))
      }
    }
    const start = performance.now()
    await work(async (connection) => {
      const bill = `${HEAD}${process.pid}-${++bills}`
      await run(connection, INSERT, [bill, customers[bills % customers.length] ?? 0, new Date()])
      await run(connection, PAY, [bill])
    })
    const seconds = (performance.now() - start) / 1000
    return { transactions: times.length, seconds, ...spreadOf(times), errors }
  }

  return {
    write: (writers, seconds) =>
      written((writeBill) => {
        const deadline = performance.now() + seconds * 1000
        const one = async () => {
          const connection = await pool.getConnection()
          while (performance.now() < deadline) await writeBill(connection)
          connection.release()
        }
        return Promise.all(Array.from({ length: writers }, one))
      }),
    pace: (perSecond, seconds) => written((writeBill) => paced(perSecond / 2, seconds, () => writeBill(pool))),
    cleanUp: async () => {
      await pool.query(`DELETE FROM payments WHERE bill_id LIKE '${HEAD}%'`)
    },
    end: () => pool.end()
  }
}
