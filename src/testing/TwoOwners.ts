import { assert } from "@effect/vitest"
import * as FC from "effect/FastCheck"
import type { Connection } from "mysql2/promise"
import { createBotTables } from "../../tools/bots/Load.js"
import type { BotData, BotRow, PaymentRow, SubscriptionRow, UserRow } from "../../tools/bots/Rows.js"
import { analytics } from "../../tools/oracle/Analytics.js"
import { endOfDay, startOfDay } from "../../tools/oracle/Days.js"
import { summary } from "../../tools/oracle/Summary.js"
import { compareCodePoints, sameWord } from "../../tools/oracle/Text.js"
import { wireJson, wireTime } from "./Bots.js"
import type { Parameters } from "./Client.js"
import type { Settings, TestResponse } from "./Service.js"

/**
 * Databases of two owners, in which every key and user may be there once for each bot, or twice within one. Each text and
 * amount of an owner carries the owner's mark: so whatever of the other's is in an answer is found by a plain search.
 */

export interface Owner {
  readonly userId: number
  readonly bots: ReadonlyArray<number>
  /** Is in every text that is the owner's. */
  readonly mark: string
  /** Every amount of the owner begins with these digits. */
  readonly digits: string
  /** A user that the other owner's bots don't have. */
  readonly ownUser: number
}

/** Bot 3 is there for a bot's rows to be told from those of another bot of the same owner. */
export const OWNERS: readonly [Owner, Owner] = [
  { userId: 4_200_000_042, bots: [1, 3], mark: "of-alpha", digits: "1357924", ownUser: 531_000_001 },
  { userId: 4_300_000_043, bots: [2], mark: "of-bravo", digits: "8642097", ownUser: 642_000_002 }
]

const BOTS = OWNERS.flatMap(({ bots }) => bots)

const ownerOf = (botId: number): Owner => (OWNERS[0].bots.includes(botId) ? OWNERS[0] : OWNERS[1])

export interface OwnersOptions {
  /** Also rows of one bot that have the same key. Default false: a key is unique within its bot. */
  readonly doubled?: boolean
}

/** Midnights, so that no row is near either end of the summary's month, and rows of all bots meet. */
const DAYS = [1, 2, 10, 40]
const today = Math.floor(Date.now() / 86_400_000) * 86_400_000
const at = (daysAgo: number, seconds: number) => new Date(today - daysAgo * 86_400_000 + seconds * 1000)
const dayOf = (daysAgo: number) => at(daysAgo, 0).toISOString().slice(0, 10)
export const FIRST_DAY = dayOf(45)
export const LAST_DAY = dayOf(0)

const time = FC.tuple(FC.constantFrom(...DAYS), FC.constantFrom(0, 1, 600)).map(([days, seconds]) => at(days, seconds))
const key = FC.integer({ min: 1, max: 4 })
/** Digits, and letters that many collations take for the same. */
const billId = FC.constantFrom("1001", "1002", "1003", "a1", "A1")
const bot = FC.constantFrom(...BOTS)
const serial = FC.nat(99)

const metaOf = (fields: object) => (mark: string) => JSON.stringify({ ...fields, note: `meta ${mark}` })
const purpose = FC.constantFrom({}, {}, {}, { kind: "key" }, { kind: "renewal" }, { kind: "gift" })
const trial = FC.constantFrom({}, {}, {}, { trial: true }, { trial: false })

/** A row whose texts wait for the mark, and whose user is one of the few shared ones or, for 0, the owner's own. */
const person = FC.constantFrom(7, 7, 8, 0)
const userOf = (chosen: number, owner: Owner) => (chosen === 0 ? owner.ownUser : chosen)

const user = FC.record({ uid: key, bot, chosen: person, serial, reg_date: FC.option(time, { freq: 4 }) }).map(
  ({ bot, chosen, reg_date, serial, uid }): UserRow => {
    const owner = ownerOf(bot)
    return {
      uid,
      user_id: userOf(chosen, owner),
      bot_id: bot,
      username: `user ${serial} ${owner.mark}`,
      invited: `by ${serial} ${owner.mark}`,
      reg_date,
      ref_percent: "1.50",
      meta: metaOf({ serial })(owner.mark)
    }
  }
)

const payment = FC.record({
  bill_id: billId,
  bot,
  chosen: person,
  serial,
  currency: FC.constantFrom("RUB", "RUB", "XTR"),
  status: FC.constantFrom("PAID", "PAID", "PENDING"),
  date: time,
  purpose
}).map(({ bill_id, bot, chosen, currency, date, purpose, serial, status }): PaymentRow => {
  const owner = ownerOf(bot)
  return {
    bill_id,
    user_id: userOf(chosen, owner),
    bot_id: bot,
    provider: `pay ${owner.mark}`,
    amount: `${owner.digits}${String(serial).padStart(3, "0")}.25`,
    currency,
    status,
    date,
    meta: metaOf(purpose)(owner.mark)
  }
})

const subscription = FC.record({
  uid: key,
  bot,
  chosen: person,
  serial,
  status: FC.constantFrom("Active", "active", "Expired"),
  start_date: FC.option(time, { freq: 4 }),
  trial
}).map(({ bot, chosen, serial, start_date, status, trial, uid }): SubscriptionRow => {
  const owner = ownerOf(bot)
  return {
    uid,
    sub_uid: `sub ${serial} ${owner.mark}`,
    sub_url: `https://vpn.example/${owner.mark}/${serial}`,
    user_id: userOf(chosen, owner),
    bot_id: bot,
    status,
    start_date,
    stop_date: null,
    meta: metaOf(trial)(owner.mark),
    keys: JSON.stringify([`vless://${owner.mark}@${serial}`])
  }
})

const bots: ReadonlyArray<BotRow> = BOTS.map((uid) => ({
  uid,
  // Another bot's `uid`: mixing up the two finds wrong rows.
  bot_id: (uid % BOTS.length) + 1,
  username: `bot ${uid} ${ownerOf(uid).mark}`,
  admin_id: ownerOf(uid).userId,
  ref_percent: "12.50",
  balance: `${ownerOf(uid).digits}000.5`,
  status: "ACTIVE",
  meta: metaOf({})(ownerOf(uid).mark)
}))

/**
 * Of two rows with the same user, time and key none is the first, so what they count as must be in their `meta`: the
 * contract does not say it of rows that say nothing.
 */
const toldApart = <Row extends { readonly bot_id: number; readonly user_id: number; readonly meta: string | null }>(
  rows: ReadonlyArray<Row>,
  place: (row: Row) => unknown,
  said: object
): ReadonlyArray<Row> => {
  const placeOf = (row: Row) => JSON.stringify([row.bot_id, row.user_id, place(row)])
  const seen = new Map<string, number>()
  for (const row of rows) seen.set(placeOf(row), (seen.get(placeOf(row)) ?? 0) + 1)
  return rows.map((row) =>
    (seen.get(placeOf(row)) ?? 0) > 1 ? { ...row, meta: metaOf(said)(ownerOf(row.bot_id).mark) } : row
  )
}

/** All bots' rows in three tables, few of each, keys shared between the bots. */
export const twoOwners = ({ doubled = false }: OwnersOptions = {}): FC.Arbitrary<BotData> => {
  const many = <Row extends { readonly bot_id: number }>(row: FC.Arbitrary<Row>, keyOf: (row: Row) => unknown) =>
    doubled
      ? FC.array(row, { maxLength: 16 })
      : FC.uniqueArray(row, { maxLength: 14, selector: (one) => `${one.bot_id} ${keyOf(one)}` })
  return FC.record({
    users: many(user, ({ uid }) => uid),
    payments: many(payment, ({ bill_id }) => bill_id),
    subscriptions: many(subscription, ({ uid }) => uid)
  }).map(({ payments, subscriptions, users }) => ({
    bots,
    users,
    payments: toldApart(payments, ({ bill_id, date }) => [bill_id, date], { kind: "renewal" }),
    subscriptions: toldApart(subscriptions, ({ start_date, uid }) => [uid, start_date], { trial: false })
  }))
}

/** How the bots' software laid out its tables. */
export interface Shape {
  readonly name: string
  readonly options?: OwnersOptions
  readonly settings?: Partial<Settings>
  readonly create: (connection: Connection) => Promise<void>
  /** Where a bot's rows are, and the columns that aren't there. */
  readonly target?: (
    table: string,
    botId: number
  ) => { readonly table: string; readonly without: ReadonlyArray<string> }
}

const WITHOUT_KEYS = `
  ALTER TABLE bots MODIFY uid INT NOT NULL, DROP PRIMARY KEY;
  ALTER TABLE users MODIFY uid INT NOT NULL, DROP PRIMARY KEY;
  ALTER TABLE subscriptions MODIFY uid INT NOT NULL, DROP PRIMARY KEY;
  ALTER TABLE payments DROP PRIMARY KEY`

const billIdsAs = (collation: string) =>
  `ALTER TABLE payments MODIFY bill_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE ${collation} NOT NULL`

const keyless =
  (collation: string, then = "") =>
  async (connection: Connection) => {
    await createBotTables(connection)
    await connection.query(`${WITHOUT_KEYS}; ${billIdsAs(collation)}; ${then}`)
  }

const OWN_IDS = ["bots", "users", "payments", "subscriptions"]
  .map((table) => `ALTER TABLE ${table} ADD COLUMN id INT NOT NULL AUTO_INCREMENT PRIMARY KEY FIRST`)
  .join("; ")

const KEYS_WITHIN_BOTS = `
  ALTER TABLE users ADD PRIMARY KEY (bot_id, uid);
  ALTER TABLE subscriptions ADD UNIQUE KEY (bot_id, uid);
  ALTER TABLE payments ADD UNIQUE KEY (bot_id, bill_id)`

/** Each bot's software has tables of its own; the four that are read are views over them. */
const views = async (connection: Connection) => {
  await createBotTables(connection)
  await connection.query(`${WITHOUT_KEYS}; ${billIdsAs("utf8mb4_bin")}`)
  const [columns] = (await connection.query(
    `SELECT table_name AS t, column_name AS c FROM information_schema.columns
     WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position`
  )) as unknown as [ReadonlyArray<{ readonly t: string; readonly c: string }>]
  for (const table of ["bots", "users", "payments", "subscriptions"]) {
    const names = columns.filter(({ t }) => t === table).map(({ c }) => c)
    const constant = table === "bots" ? "uid" : "bot_id"
    for (const bot of BOTS) {
      await connection.query(
        `CREATE TABLE bot${bot}_${table} LIKE ${table}; ALTER TABLE bot${bot}_${table} DROP COLUMN ${constant}`
      )
    }
    const selects = BOTS.map(
      (bot) =>
        `SELECT ${names.map((name) => (name === constant ? `${bot} AS ${constant}` : `\`${name}\``)).join(", ")}
         FROM bot${bot}_${table}`
    )
    await connection.query(`DROP TABLE ${table}; CREATE VIEW ${table} AS ${selects.join(" UNION ALL ")}`)
  }
}

const WITHOUT_FACTS: Partial<Settings> = { facts: "off" }

const inViews: Shape["target"] = (table, botId) => ({
  table: `bot${botId}_${table}`,
  without: [table === "bots" ? "uid" : "bot_id"]
})

const DOUBLED: OwnersOptions = { doubled: true }

export const SHAPES: ReadonlyArray<Shape> = [
  { name: "keys that are unique within a bot alone", create: keyless("utf8mb4_bin", KEYS_WITHIN_BOTS) },
  { name: "no key", settings: WITHOUT_FACTS, create: keyless("utf8mb4_bin") },
  { name: "no key, bills in another order", create: keyless("utf8mb4_unicode_ci") },
  { name: "a key of the tables' own", create: keyless("utf8mb4_bin", OWN_IDS) },
  { name: "views over each bot's own tables", create: views, target: inViews },
  { name: "rows that are there twice, no key", options: DOUBLED, create: keyless("utf8mb4_bin") },
  {
    name: "rows that are there twice, bills in another order",
    options: DOUBLED,
    settings: WITHOUT_FACTS,
    create: keyless("utf8mb4_unicode_ci")
  },
  { name: "rows that are there twice, in views", options: DOUBLED, create: views, target: inViews }
]

const valueOf = (value: unknown) => (value instanceof Date ? value.toISOString().slice(0, 19).replace("T", " ") : value)

/** Puts these rows in the place of all that are there. */
export const fillShape = async (connection: Connection, { target }: Shape, data: BotData): Promise<void> => {
  const into = target ?? ((table: string) => ({ table, without: [] }))
  const tables = Object.entries(data) as ReadonlyArray<[string, ReadonlyArray<object>]>
  const all = new Set(tables.flatMap(([table]) => BOTS.map((bot) => into(table, bot).table)))
  await connection.query([...all].map((table) => `DELETE FROM ${table}`).join("; "))
  for (const [table, rows] of tables) {
    for (const bot of BOTS) {
      const of = table === "bots" ? "uid" : "bot_id"
      const its = rows.filter((row) => Reflect.get(row, of) === bot)
      const { table: name, without } = into(table, bot)
      const columns = Object.keys(its[0] ?? {}).filter((column) => !without.includes(column))
      if (its.length === 0) continue
      await connection.query(`INSERT INTO ${name} (${columns.map((column) => `\`${column}\``).join(", ")}) VALUES ?`, [
        its.map((row) => columns.map((column) => valueOf(Reflect.get(row, column))))
      ])
    }
  }
}

/** A list of the API, and what these rows make of it. */
interface ListOf {
  readonly path: string
  readonly rows: "users" | "payments" | "subscriptions"
  readonly key: string
  readonly time: string
  readonly filters: ReadonlyArray<Parameters>
  readonly expected: (data: BotData, botId: number, filter: Parameters) => ReadonlyArray<Record<string, unknown>>
}

const newestFirst = (a: Date | null, b: Date | null) => (b?.getTime() ?? -1e15) - (a?.getTime() ?? -1e15)

const text = (value: unknown) => (value === undefined ? undefined : String(value))

export const LISTS: ReadonlyArray<ListOf> = [
  {
    path: "/api/users",
    rows: "users",
    key: "uid",
    time: "reg_date",
    filters: [{}],
    expected: ({ users }, botId) =>
      users
        .filter(({ bot_id }) => bot_id === botId)
        .sort((a, b) => newestFirst(a.reg_date, b.reg_date) || b.uid - a.uid)
        .map((row) => ({
          ...row,
          reg_date: wireTime(row.reg_date),
          ref_percent: Number(row.ref_percent),
          meta: wireJson(row.meta)
        }))
  },
  {
    path: "/api/payments",
    rows: "payments",
    key: "bill_id",
    time: "date",
    filters: [{}, { start_date: dayOf(10) }, { end_date: dayOf(2) }, { start_date: dayOf(10), end_date: dayOf(2) }],
    expected: ({ payments }, botId, { end_date, start_date }) =>
      payments
        .filter(({ bot_id }) => bot_id === botId)
        .filter(({ date }) => start_date === undefined || date.getTime() >= startOfDay(String(start_date), "UTC"))
        .filter(({ date }) => end_date === undefined || date.getTime() < endOfDay(String(end_date), "UTC"))
        .sort((a, b) => newestFirst(a.date, b.date) || compareCodePoints(b.bill_id, a.bill_id))
        .map((row) => ({
          ...row,
          amount: Number(row.amount),
          date: wireTime(row.date),
          meta: wireJson(row.meta)
        }))
  },
  {
    path: "/api/subscriptions",
    rows: "subscriptions",
    key: "uid",
    time: "start_date",
    filters: [{}, { status: "ACTIVE" }, { status: "Expired" }],
    expected: ({ subscriptions }, botId, { status }) =>
      subscriptions
        .filter((row) => row.bot_id === botId)
        .filter((row) => status === undefined || sameWord(row.status, text(status) ?? ""))
        .sort((a, b) => newestFirst(a.start_date, b.start_date) || b.uid - a.uid)
        .map((row) => ({
          ...row,
          start_date: wireTime(row.start_date),
          stop_date: wireTime(row.stop_date),
          meta: wireJson(row.meta),
          keys: wireJson(row.keys)
        }))
  }
]

/** GET as this owner. */
export type AskAs = (owner: Owner, path: string, parameters: Parameters) => Promise<TestResponse>

const otherThan = (owner: Owner) => (owner === OWNERS[0] ? OWNERS[1] : OWNERS[0])

/** Whatever it says: nothing in it is the other owner's. */
export const assertNothingOf = ({ digits, mark, ownUser }: Owner, answer: TestResponse, asked: string) => {
  for (const value of [mark, digits, String(ownUser)]) {
    assert.notInclude(answer.text, value, `${asked}: a value of another owner's`)
  }
}

const looker = (ask: AskAs, owner: Owner) => async (path: string, parameters: Parameters, status: number) => {
  const answer = await ask(owner, path, parameters)
  const asked = `${path} ${JSON.stringify(parameters)} as owner ${owner.mark}`
  assertNothingOf(otherThan(owner), answer, asked)
  assert.strictEqual(answer.status, status, `${asked}: ${answer.text}`)
  return answer
}

/** The list is these rows, each once, in the contract's order, with the right total, by page and by cursor. */
const assertList = async (
  look: ReturnType<typeof looker>,
  list: ListOf,
  botId: number,
  filter: Parameters,
  data: BotData,
  limit: number
) => {
  const expected = list.expected(data, botId, filter)
  const places = (rows: ReadonlyArray<Record<string, unknown>>) => rows.map((row) => [row[list.time], row[list.key]])
  const pageOf = async (at: Parameters) => {
    const { json } = await look(list.path, { bot_id: botId, ...filter, limit, ...at }, 200)
    assert.strictEqual(json.total, expected.length, `${list.path}: total`)
    assert.isAtMost(json[list.rows].length, limit)
    return json
  }
  const assertAll = (found: ReadonlyArray<Record<string, unknown>>, how: string) => {
    const asked = `${list.path} of bot ${botId} ${JSON.stringify(filter)}, limit ${limit}, by ${how}`
    assert.deepStrictEqual(places(found), places(expected), asked)
    assert.sameDeepMembers([...found], [...expected], asked)
  }

  const byPage: Array<Record<string, unknown>> = []
  const pages = Math.ceil(expected.length / limit)
  for (let page = 1; page <= pages + 1; page++) byPage.push(...(await pageOf({ page }))[list.rows])
  assertAll(byPage, "page")

  const byCursor: Array<Record<string, unknown>> = []
  let json = await pageOf({})
  for (;;) {
    byCursor.push(...json[list.rows])
    if (json.next_cursor === null) break
    assert.isAtMost(byCursor.length, expected.length, "the walk has an end")
    json = await pageOf({ cursor: json.next_cursor })
  }
  assertAll(byCursor, "cursor")
}

/** Which of the filters and limits a run takes: all of them would be two hundred requests. */
export interface Choice {
  readonly filter: number
  readonly limit: number
}

export const choice: FC.Arbitrary<Choice> = FC.record({
  filter: FC.nat(11),
  limit: FC.constantFrom(1, 1, 2, 3, 1000)
})

/** The law: every answer to an owner is right by the oracle, and none holds a value of the other's. */
export const assertLaw = async (ask: AskAs, data: BotData, { filter, limit }: Choice): Promise<void> => {
  for (const owner of OWNERS) {
    const look = looker(ask, owner)
    const own = await look("/api/bots", {}, 200)
    assert.deepStrictEqual(
      own.json.map(({ uid }: { readonly uid: number }) => uid),
      data.bots.filter(({ admin_id }) => admin_id === owner.userId).map(({ uid }) => uid)
    )
    const range = { start_date: FIRST_DAY, end_date: LAST_DAY }
    for (const botId of owner.bots) {
      const days = await look("/api/analytics", { bot_id: botId, ...range }, 200)
      assert.deepStrictEqual(days.json, analytics(data, botId, FIRST_DAY, LAST_DAY, "UTC"), `analytics of bot ${botId}`)
      const now = await look(`/api/bots/${botId}/summary`, {}, 200)
      assert.deepStrictEqual(now.json, summary(data, botId, new Date()), `summary of bot ${botId}`)
      for (const list of LISTS) {
        await assertList(look, list, botId, list.filters[filter % list.filters.length] ?? {}, data, limit)
      }
    }
    for (const botId of otherThan(owner).bots) {
      await look("/api/analytics", { bot_id: botId, ...range }, 403)
      await look(`/api/bots/${botId}/summary`, {}, 403)
      for (const { path, rows } of LISTS) {
        await look(path, { bot_id: botId, limit }, 403)
        // A cursor that the other owner was given opens neither his list nor one's own.
        const { json } = await ask(otherThan(owner), path, { bot_id: botId, limit: 1 })
        const cursor = json[rows].length === 0 ? undefined : (json.next_cursor ?? undefined)
        if (cursor === undefined) continue
        await look(path, { bot_id: botId, cursor }, 403)
        await look(path, { bot_id: owner.bots[0] ?? 0, cursor }, 400)
      }
    }
  }
}
