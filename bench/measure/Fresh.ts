import { isDeepStrictEqual } from "node:util"
import type { Connection } from "mysql2/promise"
import { MEASURED_BOT } from "../fill/BaseRows.js"
import { connectTo, type FilledDatabase } from "../fill/Filled.js"
import type { ServerProcess } from "../servers/Process.js"
import { type Caller, get, send } from "./Calls.js"
import { compare } from "./Same.js"
import { rotated } from "./Statistics.js"

/** Whether what a bot writes shows in the very next answer, and whether that is then the truth. */

interface Step {
  readonly what: string
  readonly sql: string
  readonly values?: Array<string | number | Date>
  /** The paths whose answers it must change. */
  readonly shows: ReadonlyArray<string>
}

const BILL = "bench-fresh"
/** Of no customer, so that the bill is a first one. */
const USER = 4_500_000_000_000

const makeSteps = (): ReadonlyArray<Step> => {
  const now = new Date(Math.floor(Date.now() / 1000) * 1000)
  const today = now.toISOString().slice(0, 10)
  const bot = `bot_id=${MEASURED_BOT}`
  const analytics = `/api/analytics?${bot}&start_date=${today}&end_date=${today}`
  const summary = `/api/bots/${MEASURED_BOT}/summary`
  const payments = `/api/payments?${bot}&limit=5`
  return [
    {
      what: "a payment inserted",
      sql: `INSERT INTO payments (bill_id, user_id, bot_id, amount, currency, status, date)
        VALUES (?, ?, ?, 123.45, 'RUB', 'PAID', ?)`,
      values: [BILL, USER, MEASURED_BOT, now],
      shows: [analytics, summary, payments]
    },
    {
      what: "its amount changed",
      sql: "UPDATE payments SET amount = 543.21 WHERE bill_id = ?",
      values: [BILL],
      shows: [summary, payments]
    },
    {
      what: "a renewal made of it",
      sql: `UPDATE payments SET meta = '{"kind": "renewal"}' WHERE bill_id = ?`,
      values: [BILL],
      shows: [analytics]
    },
    {
      what: "it is refunded",
      sql: "UPDATE payments SET status = 'REFUNDED' WHERE bill_id = ?",
      values: [BILL],
      shows: [analytics, summary, payments]
    },
    {
      what: "it is deleted",
      sql: "DELETE FROM payments WHERE bill_id = ?",
      values: [BILL],
      shows: [payments]
    },
    {
      what: "a user inserted",
      sql: "INSERT INTO users (user_id, bot_id, reg_date) VALUES (?, ?, ?)",
      values: [USER, MEASURED_BOT, now],
      shows: [analytics, summary, `/api/users?${bot}&limit=5`]
    },
    {
      what: "the user deleted",
      sql: "DELETE FROM users WHERE bot_id = ? AND user_id = ?",
      values: [MEASURED_BOT, USER],
      shows: [analytics, summary, `/api/users?${bot}&limit=5`]
    },
    {
      what: "a subscription inserted",
      sql: `INSERT INTO subscriptions (sub_uid, user_id, bot_id, status, start_date) VALUES ('x', ?, ?, 'Active', ?)`,
      values: [USER, MEASURED_BOT, now],
      shows: [analytics, summary, `/api/subscriptions?${bot}&limit=5`]
    },
    {
      what: "the subscription deleted",
      sql: "DELETE FROM subscriptions WHERE bot_id = ? AND user_id = ?",
      values: [MEASURED_BOT, USER],
      shows: [analytics, summary, `/api/subscriptions?${bot}&limit=5`]
    }
  ]
}

const removeLeftovers = async (connection: Connection): Promise<void> => {
  await connection.query("DELETE FROM payments WHERE bill_id = ?", [BILL])
  for (const table of ["users", "subscriptions"]) {
    await connection.query(`DELETE FROM ${table} WHERE bot_id = ? AND user_id = ?`, [MEASURED_BOT, USER])
  }
}

type Answers = ReadonlyMap<string, unknown>

const ask = async (url: string, paths: ReadonlyArray<string>, caller: Caller): Promise<Answers> => {
  const answers = new Map<string, unknown>()
  for (const path of paths) answers.set(path, JSON.parse((await send(url, get(path, caller))).text))
  return answers
}

/** What did not show, or showed wrongly; nothing where all is well. */
export const lookForFresh = async (
  { url }: FilledDatabase,
  service: ServerProcess,
  plain: ServerProcess,
  caller: Caller
): Promise<ReadonlyArray<string>> => {
  const connection = await connectTo(url)
  const problems: Array<string> = []
  const take = async ({ shows, sql, values, what }: Step, pass: number): Promise<void> => {
    const paths = rotated(shows, pass)
    const before = await ask(service.url, paths, caller)
    await connection.query(sql, values ?? [])
    const after = await ask(service.url, paths, caller)
    for (const path of paths) {
      if (isDeepStrictEqual(before.get(path), after.get(path))) problems.push(`${what} does not show in ${path}`)
      await compare(service.url, plain.url, get(path, caller)).catch((error: Error) =>
        problems.push(`${what}: ${error.message}`)
      )
    }
  }
  try {
    await removeLeftovers(connection)
    const steps = makeSteps()
    // In each pass another answer is the very next one.
    const passes = Math.max(...steps.map(({ shows }) => shows.length))
    for (let pass = 0; pass < passes; pass++) for (const step of steps) await take(step, pass)
  } finally {
    await removeLeftovers(connection)
    await connection.end()
  }
  return problems
}
