import { isDeepStrictEqual } from "node:util"
import { signInitData } from "../../src/testing/SignInitData.js"
import type { BotData, BotRow } from "../../tools/bots/Rows.js"
import { DEMO_OWNER, demoDataSet } from "../../tools/demo/DataSet.js"
import { analytics } from "../../tools/oracle/Analytics.js"
import { paymentList, subscriptionList, userList } from "../../tools/oracle/Lists.js"
import { summary } from "../../tools/oracle/Summary.js"
import { type Asked, ask } from "./Ask.js"
import { BOT_TOKEN } from "./ServiceProcess.js"

/** What the load asks, and the one right answer to each: the oracle's, never the service's own word. */
export interface Question extends Asked {
  readonly isRight: (text: string) => boolean
}

const BOT = 1

/** Long ago: no row leaves the summary's month while the suite runs. */
const NOW = new Date("2025-03-05T00:00:00Z")
const RANGE = { from: "2024-11-01", to: "2025-03-05", tz: "Europe/Kiev" } as const

/** The demo's rows, about `scale` times 155,000. */
export const rows = (scale: number): BotData => demoDataSet({ now: NOW, scale })

/** A bot of the owner who asks. */
export const ownBot = (uid: number): BotRow => ({
  uid,
  bot_id: uid + 100,
  username: null,
  admin_id: DEMO_OWNER.id,
  ref_percent: "0",
  balance: "0",
  status: "ACTIVE",
  meta: null
})

export const smallRows: BotData = rows(0.03)

export const initData = () =>
  signInitData(BOT_TOKEN, {
    auth_date: String(Math.floor(Date.now() / 1000)),
    query_id: "AAHdF6IQAAAAAN0XohDhrOrc",
    user: JSON.stringify({ ...DEMO_OWNER, language_code: "ru" })
  })

/** An address for each login: the limit of one address is no fault. */
const anyAddress = () => `10.${[0, 0, 0].map(() => Math.floor(Math.random() * 256)).join(".")}`

type Json = Record<string, unknown>

const pick = (json: unknown, list: string, key: string): Json => {
  const { [list]: items, total } = json as Json
  return { total, keys: (items as ReadonlyArray<Json>).map((item) => item[key]) }
}

const firstOf = <A>(all: ReadonlyArray<A>, limit: number) => ({ total: all.length, keys: all.slice(0, limit) })

/** A question whose answer is the oracle's word for word; `seen` is what of the answer the oracle knows. */
const get = (
  name: string,
  path: string,
  expected: unknown,
  seen: (json: unknown) => unknown = (json) => json
): Question => {
  const credentials = { "x-telegram-init-data": initData() }
  // The whole text, once it was found to be right: so that a load need not be read again and again.
  let known: string | undefined
  return {
    name,
    method: "GET",
    path,
    headers: () => credentials,
    isRight: (text) => {
      if (text === known) return true
      if (known !== undefined || !isDeepStrictEqual(seen(JSON.parse(text)), expected)) return false
      known = text
      return true
    }
  }
}

/** Logs in: another token each time, and the account that was made at the first login. */
const login = (): Question => {
  const text = JSON.stringify({ init_data: initData() })
  let known: unknown
  return {
    name: "login",
    method: "POST",
    path: "/api/auth/telegram",
    headers: () => ({ "content-type": "application/json", "x-forwarded-for": anyAddress() }),
    body: () => text,
    isRight: (answer) => {
      const { token, user } = JSON.parse(answer) as { readonly token: unknown; readonly user: Json }
      known ??= user
      return (
        /^[\w-]+\.[\w-]+\.[\w-]+$/.test(String(token)) &&
        user.user_id === DEMO_OWNER.id &&
        isDeepStrictEqual(user, known)
      )
    }
  }
}

export const questions = (data: BotData) => ({
  bots: get(
    "bots",
    "/api/bots",
    data.bots.filter((bot) => bot.admin_id === DEMO_OWNER.id).map(({ balance, uid }) => [uid, Number(balance)]),
    (json) => (json as ReadonlyArray<Json>).map(({ balance, uid }) => [uid, balance])
  ),
  analytics: get(
    "analytics",
    `/api/analytics?bot_id=${BOT}&start_date=${RANGE.from}&end_date=${RANGE.to}&tz=${RANGE.tz}`,
    analytics(data, BOT, RANGE.from, RANGE.to, RANGE.tz)
  ),
  summary: get("summary", `/api/bots/${BOT}/summary`, summary(data, BOT, new Date())),
  users: get("users", `/api/users?bot_id=${BOT}&limit=50`, firstOf(userList(data, BOT), 50), (json) =>
    pick(json, "users", "uid")
  ),
  payments: get("payments", `/api/payments?bot_id=${BOT}&limit=50`, firstOf(paymentList(data, BOT), 50), (json) =>
    pick(json, "payments", "bill_id")
  ),
  subscriptions: get(
    "subscriptions",
    `/api/subscriptions?bot_id=${BOT}&limit=50&status=active`,
    firstOf(subscriptionList(data, BOT, "active"), 50),
    (json) => pick(json, "subscriptions", "uid")
  ),
  login: login()
})

/** Asks each once while all is quiet, so that the right answers are known, and complains of a wrong one. */
export const rehearse = async (url: string, list: ReadonlyArray<Question>): Promise<void> => {
  for (const question of list) {
    const { answer } = await ask(url, question)
    if (answer instanceof Error) throw answer
    if (answer.status !== 200 || !question.isRight(answer.text)) {
      throw new Error(`${question.name} is wrong before any fault: ${answer.status} ${answer.text.slice(0, 500)}`)
    }
  }
}

/** Asks with a token in place of initData: one more look into the database for each request. */
export const withToken = async (url: string, { login, ...others }: ReturnType<typeof questions>) => {
  const { answer } = await ask(url, login)
  if (answer instanceof Error) throw answer
  const { token } = JSON.parse(answer.text) as { readonly token: string }
  return { ...others.bots, name: "bots by token", headers: () => ({ authorization: `Bearer ${token}` }) }
}
