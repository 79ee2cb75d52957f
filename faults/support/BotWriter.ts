import type { Connection } from "mysql2/promise"
import { sleep } from "./Wait.js"

/** A bot that writes one statement after the other into the tables that figures are made of, and times each. */

export const EVERY_MILLIS = 20

export interface BotWriter {
  /** What the server said to each write that failed. */
  readonly failures: ReadonlyArray<string>
  /** Milliseconds that writes took since this was asked last. */
  readonly waits: () => ReadonlyArray<number>
  /** Does this between two writes. */
  readonly between: <A>(use: () => Promise<A>) => Promise<A>
  readonly stop: () => Promise<void>
}

const DAY_MILLIS = 86_400_000
const FIRST_DAY = Date.parse("2024-01-01T00:00:00Z")
/** Each write lies on another day than the one before it: figures of days grow by a row. */
const DAYS = 700
export const WRITTEN = { from: "2024-01-01", to: "2025-11-30" } as const

const timeOf = (turn: number) =>
  new Date(FIRST_DAY + (turn % DAYS) * DAY_MILLIS + 36_000_000).toISOString().slice(0, 19)

const statementOf = (turn: number, bot: number, writer: number): string => {
  const bill = (turn: number) => `'writer-${writer}-${turn}'`
  const user = 7_000_000 + (turn % 900)
  const time = timeOf(turn)
  switch (turn % 5) {
    case 0:
      return `INSERT INTO users (user_id, bot_id, reg_date) VALUES (${user}, ${bot}, '${time}')`
    case 1:
    case 2:
      return `INSERT INTO payments (bill_id, user_id, bot_id, amount, currency, status, date, meta)
        VALUES (${bill(turn)}, ${user}, ${bot}, ${turn % 100}.5, 'RUB', 'PAID', '${time}', '{"kind": "key"}')`
    case 3:
      return `UPDATE payments SET amount = amount + 1 WHERE bill_id = ${bill(turn - 2)}`
    default:
      return turn % 2 === 0
        ? `DELETE FROM payments WHERE bill_id = ${bill(turn - 2)}`
        : `INSERT INTO subscriptions (sub_uid, user_id, bot_id, status, start_date)
           VALUES ('', ${user}, ${bot}, 'Active', '${time}')`
  }
}

/** Of several for the same bot, each has a number. */
export const startWriter = (connection: Connection, bot: number, writer = 0): BotWriter => {
  const failures: Array<string> = []
  let waits: Array<number> = []
  let isStopped = false
  let pause: Promise<unknown> = Promise.resolve()
  let isIdle: () => void = () => {}

  const work = async () => {
    for (let turn = 0; !isStopped; turn++) {
      const idle = pause
      isIdle()
      await idle
      const startedAt = performance.now()
      try {
        await connection.query(statementOf(turn, bot, writer))
      } catch (error) {
        failures.push(String(error))
      }
      const took = performance.now() - startedAt
      waits.push(took)
      await sleep(Math.max(0, EVERY_MILLIS - took))
    }
    isIdle()
  }
  const done = work()

  return {
    failures,
    waits: () => {
      const taken = waits
      waits = []
      return taken
    },
    between: async (use) => {
      const stopped = new Promise<void>((resolve) => {
        isIdle = resolve
      })
      let goOn: () => void = () => {}
      pause = new Promise<void>((resolve) => {
        goOn = resolve
      })
      await stopped
      try {
        return await use()
      } finally {
        goOn()
      }
    },
    stop: async () => {
      isStopped = true
      await done
    }
  }
}
