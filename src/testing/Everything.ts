import { assert } from "@effect/vitest"
import type { Connection } from "mysql2/promise"
import type { BotData } from "../../tools/bots/Rows.js"
import { payment, subscription, user } from "../../tools/oracle/Example.js"
import { exampleOf, OWNER } from "./Bots.js"
import { rowsOf } from "./Database.js"
import { fetchJson, initDataOf, type TestResponse } from "./Service.js"

/**
 * Everything that a service can be asked about a few rows in which every kind of text, time and amount is: so that two
 * servers can be held against each other, answer by answer.
 */

/** What a mode, a character set or a limit of a server would change: more rows than two, four bytes, two alphabets, quotes. */
export const ROWS: BotData = exampleOf({
  users: [
    user({ uid: 1, username: "Ольга", reg_date: new Date("2026-01-01T22:30:00Z"), meta: '{"n": "Лера 🔥"}' }),
    user({ uid: 2, username: "ольга", invited: 'a"b\\c', reg_date: new Date("2026-01-01T22:30:00Z") }),
    user({ uid: 3, user_id: 8, username: "🔥", invited: "a||b", reg_date: new Date("2026-01-02T21:59:59Z") }),
    user({ uid: 4, user_id: 9, username: "x  ", reg_date: null }),
    user({ uid: 5, user_id: 2 ** 52 - 1, username: "Zoé", reg_date: new Date("2026-01-03T00:00:00Z"), meta: "[1]" })
  ],
  payments: [
    payment("a1", "2026-01-02T10:00:00Z", { amount: "0.10000000", provider: "ю-касса" }),
    payment("A1", "2026-01-02T10:00:00Z", { amount: "199.99000001", currency: "руб", user_id: 8 }),
    payment("б", "2026-01-02T10:00:00Z", { amount: "1000000000.33333333", status: "paid", user_id: 8 }),
    payment("🔥", "2026-01-02T10:00:00Z", { status: "🔥", user_id: 9, meta: '{"kind": "renewal", "q": "🔥"}' }),
    payment("x", "2026-01-03T22:30:00Z", { currency: "rub", meta: '{"type": "Renewal", "note": "да"}' }),
    payment("y", "2026-01-04T00:00:00Z", { currency: "USDT", amount: "3", meta: '{"purpose": "gift"}' }),
    payment("z", "2026-01-05T00:00:00Z", { currency: "USDT", amount: "7.00000001", user_id: 9 })
  ],
  subscriptions: [
    subscription(1, "2026-01-02T10:05:00Z", { sub_url: "https://vpn.example/ключ", keys: '["vless://🔥"]' }),
    subscription(2, "2026-01-02T09:00:00Z", { user_id: 8, status: "Активна" }),
    subscription(3, "2026-01-03T09:00:00Z", { user_id: 9, status: "🔥", meta: '{"trial": true}' }),
    subscription(4, null, { status: "active " }),
    subscription(5, "2026-01-04T09:00:00Z", {
      user_id: 10,
      status: "Expired",
      stop_date: new Date("2026-02-01T00:00:00Z")
    })
  ]
})

export const withNamedBot: BotData = {
  ...ROWS,
  bots: ROWS.bots.map((bot) => ({ ...bot, username: "бот🔥", balance: "12.00000001", meta: '{"имя": "🔥"}' }))
}

const PATHS: ReadonlyArray<string> = [
  "/api/bots",
  "/api/analytics?bot_id=1&start_date=2026-01-01&end_date=2026-01-05&tz=Europe/Kiev",
  "/api/analytics?bot_id=1&start_date=2026-01-01&end_date=2026-01-05",
  "/api/users?bot_id=1",
  "/api/users?bot_id=1&limit=2",
  "/api/users?bot_id=1&limit=2&page=2",
  "/api/payments?bot_id=1",
  "/api/payments?bot_id=1&limit=2",
  "/api/payments?bot_id=1&limit=3&page=2",
  "/api/payments?bot_id=1&start_date=2026-01-02&end_date=2026-01-03&tz=Europe/Kiev",
  "/api/subscriptions?bot_id=1",
  "/api/subscriptions?bot_id=1&limit=2",
  `/api/subscriptions?bot_id=1&status=${encodeURIComponent("🔥")}`,
  `/api/subscriptions?bot_id=1&status=${encodeURIComponent("активна")}`,
  "/api/subscriptions?bot_id=1&status=ACTIVE",
  "/api/bots/1/summary",
  `/api/bots/1/summary?currency=${encodeURIComponent("руб")}`,
  "/api/bots/2/summary"
]

interface Asked {
  readonly url: string
  readonly get: (path: string, userId: number) => Promise<TestResponse>
}

/** A path's answer, with the pages by cursor that a list leads to. */
const answersTo = async (service: Asked, path: string): Promise<ReadonlyArray<readonly [string, string]>> => {
  let answer = await service.get(path, OWNER)
  const answers: Array<readonly [string, string]> = [[path, `${answer.status} ${answer.text}`]]
  for (let i = 1; i < 10 && typeof answer.json?.next_cursor === "string" && !path.includes("page="); i++) {
    answer = await service.get(`${path}&cursor=${answer.json.next_cursor}`, OWNER)
    answers.push([`${path}, ${i} pages on by cursor`, `${answer.status} ${answer.text}`])
  }
  return answers
}

/** Every route's answer, asked all at once, so that each of the pool's connections has something to say. */
export const everyAnswer = async (service: Asked): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries((await Promise.all(PATHS.map((path) => answersTo(service, path)))).flat())

const NAMES = { first_name: "Мария 🔥", last_name: "О'Нил", username: "маша", language_code: "ru" }

/** Logs in twice as an admin with this name: the answers, and what the database holds for everybody. */
export const logInAndLook = async (service: Asked, connection: Connection) => {
  const logIn = () =>
    fetchJson(`${service.url}/api/auth/telegram`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ init_data: initDataOf(OWNER, { user: JSON.stringify({ id: OWNER, ...NAMES }) }) })
    })
  const users: Array<unknown> = []
  for (const answer of [await logIn(), await logIn()]) {
    assert.strictEqual(answer.status, 200, answer.text)
    const { meta, user_id, username } = answer.json.user
    const bots = await fetchJson(`${service.url}/api/bots`, {
      headers: { Authorization: `Bearer ${answer.json.token}` }
    })
    users.push({ meta, user_id, username, bots: `${bots.status} ${bots.text}` })
  }
  const tables = await rowsOf(
    connection,
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = DATABASE() AND table_name IN ('admins', 'bot_analytics_admins')`
  )
  const stored: Array<unknown> = []
  for (const { name } of tables) {
    stored.push(...(await rowsOf(connection, `SELECT user_id, username, first_name, last_name FROM ${name}`)))
  }
  return { users, stored }
}

/** What a login of these names must come to, for the plain server's answers to be held against something. */
export const LOGGED_IN = [
  { user_id: OWNER, username: NAMES.username, first_name: NAMES.first_name, last_name: NAMES.last_name }
]
