import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import type { Connection } from "mysql2/promise"
import { assert, beforeAll, describe, it } from "vitest"
import { readRows } from "../tools/bots/Read.js"
import { analytics } from "../tools/oracle/Analytics.js"
import { summary } from "../tools/oracle/Summary.js"
import { ask, keptAlive } from "./support/Ask.js"
import { type Database, startDatabase } from "./support/Database.js"
import { initData, smallRows } from "./support/Questions.js"
import { report } from "./support/Report.js"
import { type ServiceProcess, startService } from "./support/ServiceProcess.js"
import { makeStage } from "./support/Stage.js"
import { sleep, until } from "./support/Wait.js"

/**
 * Eight writers at once on one bot, while its figures are asked for. Each transaction of a writer changes rows so that the
 * figures come out the same, in ways that any half of it would show: so whatever moment an answer is of, there is one
 * right answer. The number of users only grows, and lies between what was there before the question and after the answer.
 */

const WRITERS = 8
const SECONDS = Number(process.env.WRITERS_SECONDS ?? 10)
const BOT = 1
const DAY = "2025-03-01"
const FACTS = fileURLToPath(new URL("../dist/facts.mjs", import.meta.url))

const stage = makeStage()
let database: Database
let url: string
let service: ServiceProcess

const payment = (bill: string, user: number, status: string, kind: string) =>
  `('${bill}', ${user}, ${BOT}, 12.5, 'RUB', '${status}', '${DAY} 10:07:30', '{"kind": "${kind}"}')`

const insertPayments = (rows: ReadonlyArray<string>) =>
  `INSERT INTO payments (bill_id, user_id, bot_id, amount, currency, status, date, meta) VALUES ${rows.join(", ")}`

const subscription = (id: string, user: number, status: string) =>
  `('${id}', ${user}, ${BOT}, '${status}', '${DAY} 11:00:00', '{"trial": false}')`

/** A writer's own rows to begin with: one payment of two is PAID, one of two users active. */
const begin = (writer: number): string => {
  const user = 9_000_000 + writer * 10
  return `
    ${insertPayments([
      payment(`w${writer}-a`, user, "PAID", "key"),
      payment(`w${writer}-b`, user + 1, "NEW", "key"),
      payment(`w${writer}-k`, user + 2, "PAID", "key"),
      payment(`w${writer}-r`, user + 3, "PAID", "renewal"),
      payment(`w${writer}-0`, user + 4, "PAID", "other")
    ])};
    INSERT INTO subscriptions (sub_uid, user_id, bot_id, status, start_date, meta) VALUES
      ${subscription(`w${writer}-a`, user + 5, "Active")}, ${subscription(`w${writer}-b`, user + 6, "Expired")}`
}

/** The statements of one transaction; `turn` counts the writer's transactions. */
const transaction = (writer: number, turn: number): ReadonlyArray<string> => {
  const even = Math.floor(turn / 4) % 2 === 0
  const swap = (table: string, key: string, set: (even: boolean) => string) => [
    `UPDATE ${table} SET ${set(even)} WHERE ${key}`,
    `UPDATE ${table} SET ${set(!even)} WHERE ${key.replace("-a'", "-b'").replace("-k'", "-r'")}`
  ]
  switch (turn % 4) {
    case 0:
      return swap("payments", `bill_id = 'w${writer}-a'`, (on) => `status = '${on ? "NEW" : "PAID"}'`)
    case 1:
      return swap("payments", `bill_id = 'w${writer}-k'`, (on) => `meta = '{"kind": "${on ? "renewal" : "key"}"}'`)
    case 2:
      return swap("subscriptions", `sub_uid = 'w${writer}-a'`, (on) => `status = '${on ? "Expired" : "Active"}'`)
    default: {
      const old = Math.floor(turn / 4)
      return [
        `DELETE FROM payments WHERE bill_id = 'w${writer}-${old}'`,
        insertPayments([payment(`w${writer}-${old + 1}`, 9_000_000 + writer * 10 + 4 + (old % 3), "PAID", "other")])
      ]
    }
  }
}

interface Registered {
  /** Users whose registration was about to be written, and of those whose was there for certain. */
  tried: number
  done: number
}

beforeAll(async () => {
  database = await stage.forAll(startDatabase("writers"))
  url = await database.create("writers", smallRows)
  const connection = await database.root("writers")
  await connection.query("ALTER TABLE subscriptions ADD INDEX (sub_uid)")
  for (let writer = 0; writer < WRITERS; writer++) await connection.query(begin(writer))
  service = await stage.forAll(startService(url))
  await service.untilReady(30_000)
  const figures = async () => ((await (await fetch(`${service.url}/readyz`)).json()) as { figures: string }).figures
  await until("the figures come from facts", async () => (await figures()) === "facts", 60_000)
}, 120_000)

const credentials = { "x-telegram-init-data": initData() }

const json = async (path: string, agent = keptAlive()) => {
  const question = { name: path, method: "GET", path, headers: () => credentials } as const
  const { answer } = await ask(service.url, question, agent)
  if (answer instanceof Error) throw answer
  assert.strictEqual(answer.status, 200, answer.text)
  return JSON.parse(answer.text)
}

const ANALYTICS = `/api/analytics?bot_id=${BOT}&start_date=${DAY}&end_date=${DAY}`
const SUMMARY = `/api/bots/${BOT}/summary`
const PAYMENTS = `/api/payments?bot_id=${BOT}&limit=1&start_date=${DAY}&end_date=${DAY}`

describe(`${WRITERS} writers at once for ${SECONDS} s`, () => {
  it(
    "none of them fails, and every answer is the truth of its moment",
    async () => {
      const rows = await readRows(await database.root("writers"))
      const [day] = analytics(rows, BOT, DAY, DAY, "UTC")
      const now = summary(rows, BOT, new Date())
      const payments = (await json(PAYMENTS)).total
      const registered: Registered = { tried: 0, done: 0 }
      const end = performance.now() + SECONDS * 1000
      const counts = { transactions: 0, answers: 0 }

      const write = async (writer: number) => {
        const connection: Connection = await database.root("writers")
        for (let turn = 0; performance.now() < end; turn++) {
          await connection.query("BEGIN")
          for (const statement of transaction(writer, turn)) await connection.query(statement)
          await connection.query("COMMIT")
          counts.transactions++
          if (writer > 0) continue
          registered.tried++
          await connection.query(
            `INSERT INTO users (user_id, bot_id, reg_date) VALUES (${8_000_000 + turn}, ${BOT}, '${DAY} 09:00:00')`
          )
          registered.done++
        }
      }

      const read = async () => {
        const agent = keptAlive()
        while (performance.now() < end) {
          const before = registered.done
          const [seen] = await json(ANALYTICS, agent)
          const { total_users, ...others } = await json(SUMMARY, agent)
          const list = await json(PAYMENTS, agent)
          const most = registered.tried
          const { registrations, ...figures } = seen
          assert.deepStrictEqual(figures, without(day, "registrations"))
          assert.deepStrictEqual(others, without(now, "total_users"))
          assert.strictEqual(list.total, payments)
          for (const grown of [registrations - (day?.registrations ?? 0), total_users - now.total_users]) {
            assert.isAtLeast(grown, before)
            assert.isAtMost(grown, most)
          }
          counts.answers += 3
          await sleep(1)
        }
        agent.destroy()
      }

      await Promise.all([...Array.from({ length: WRITERS }, (_, writer) => write(writer)), read(), read()])
      assert.isAbove(counts.transactions, SECONDS * 20)
      assert.isAbove(counts.answers, SECONDS * 5)

      const after = await readRows(await database.root("writers"))
      assert.deepStrictEqual(await json(ANALYTICS), analytics(after, BOT, DAY, DAY, "UTC"))
      assert.deepStrictEqual(await json(SUMMARY), summary(after, BOT, new Date()))
      // Exits with 1 where what is kept is not what the rows say.
      const checked = execFileSync(process.execPath, [FACTS, "check"], { env: { ...process.env, DATABASE_URL: url } })
      assert.include(String(checked), "0 differences")
      report({
        fault: `${WRITERS} writers on one bot, ${SECONDS} s`,
        requests: counts.answers,
        wrong: 0,
        note: `${counts.transactions} transactions`
      })
    },
    SECONDS * 1000 + 60_000
  )
})

const without = (figures: object | undefined, name: string) =>
  Object.fromEntries(Object.entries(figures ?? {}).filter(([key]) => key !== name))
