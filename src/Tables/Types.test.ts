import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { createBotTables, loadRows } from "../../tools/bots/Load.js"
import type { BotData } from "../../tools/bots/Rows.js"
import { analytics } from "../../tools/oracle/Analytics.js"
import { payment, subscription, user } from "../../tools/oracle/Example.js"
import { paymentList, subscriptionList, userList } from "../../tools/oracle/Lists.js"
import { summary } from "../../tools/oracle/Summary.js"
import { exampleOf, OWNER, wireJson, wireTime } from "../testing/Bots.js"
import { getAs, query } from "../testing/Client.js"
import { eventually } from "../testing/Eventually.js"
import { readiness, sources, untilFacts } from "../testing/Facts.js"
import { checkAll } from "../testing/FactsCheck.js"
import { start } from "../testing/Scene.js"
import { makeDatabase, TestService } from "../testing/Service.js"

/**
 * Every type of every column that is read, in lists, analytics, summary and kept figures. Each database of these has one type
 * of each column's, so there are as many as a column has types.
 */

const INTEGERS = [
  "INT",
  "BIGINT",
  "TINYINT",
  "SMALLINT UNSIGNED",
  "MEDIUMINT",
  "INT(8) UNSIGNED ZEROFILL",
  "BIGINT(20) UNSIGNED ZEROFILL"
]
const IDS = [...INTEGERS, "BIGINT UNSIGNED"]
/** A bot's id past a BIGINT has no facts. */
const BOT_IDS = INTEGERS.filter((type) => !type.startsWith("BIGINT(20)"))
/** Facts are kept of integers alone. */
const OTHER_IDS = [
  "VARCHAR(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
  "VARCHAR(32) CHARACTER SET latin1",
  "BIGINT",
  "CHAR(20) CHARACTER SET ascii COLLATE ascii_bin",
  "DECIMAL(20,0)",
  "VARCHAR(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
  "INT(8) UNSIGNED ZEROFILL"
]
const TIMES = ["DATE", "DATETIME", "DATETIME(3)", "DATETIME(6)", "TIMESTAMP", "TIMESTAMP(6)"]
const WHOLE_MONEY = ["TINYINT", "SMALLINT", "MEDIUMINT", "INT", "BIGINT", "INT(8) UNSIGNED ZEROFILL", "DECIMAL(20,0)"]
const MONEY = [
  "DECIMAL(20,8)",
  "FLOAT",
  "DOUBLE",
  "VARCHAR(64)",
  ...WHOLE_MONEY,
  "FLOAT(10,2)",
  "DOUBLE(10,2)",
  "DECIMAL(10,2) UNSIGNED ZEROFILL",
  "CHAR(32)",
  "TINYTEXT",
  "TEXT",
  "MEDIUMTEXT",
  "LONGTEXT"
]
const JSONS = [
  "JSON",
  "BLOB",
  "TEXT",
  "LONGTEXT",
  "MEDIUMTEXT",
  "TINYTEXT",
  "VARCHAR(2000)",
  "CHAR(200)",
  "TINYBLOB",
  "MEDIUMBLOB",
  "LONGBLOB",
  "VARBINARY(2000)"
]
const WHOLE_BILLS = [...INTEGERS, "DECIMAL(20,0)"]
const BILLS = [
  "VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
  "VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
  ...WHOLE_BILLS,
  "CHAR(32)",
  "VARBINARY(64)"
]
const wordsOf = (...words: ReadonlyArray<string>) => {
  const list = words.map((word) => `'${word}'`).join(", ")
  return ["VARCHAR(32)", `ENUM(${list})`, `SET(${list})`, "CHAR(32)", "TINYTEXT", "VARBINARY(32)"]
}
const TEXTS = ["VARCHAR(64)", "TEXT", "CHAR(64)", "LONGTEXT", "BLOB"]
const DIGITS = ["VARCHAR(64)", ...INTEGERS, "TEXT", "DECIMAL(20,0)", "VARBINARY(64)"]

/** Of each column all types; where facts are kept of these, and where not. */
const COLUMNS: Readonly<Record<string, ReadonlyArray<string>>> = {
  "bots.uid": INTEGERS,
  "bots.bot_id": IDS,
  "bots.username": TEXTS,
  "bots.admin_id": IDS,
  "bots.ref_percent": MONEY,
  "bots.balance": MONEY,
  "bots.status": wordsOf("ACTIVE", "off"),
  "bots.meta": JSONS,
  "users.uid": INTEGERS,
  "users.user_id": IDS,
  "users.bot_id": BOT_IDS,
  "users.username": TEXTS,
  "users.invited": DIGITS,
  "users.reg_date": TIMES,
  "users.ref_percent": MONEY,
  "users.meta": JSONS,
  "payments.bill_id": BILLS,
  "payments.user_id": IDS,
  "payments.bot_id": BOT_IDS,
  "payments.provider": TEXTS,
  "payments.amount": MONEY,
  "payments.currency": wordsOf("RUB", "USDT"),
  "payments.status": wordsOf("PAID", "NEW"),
  "payments.date": TIMES,
  "payments.meta": JSONS,
  "subscriptions.uid": INTEGERS,
  "subscriptions.sub_uid": DIGITS,
  "subscriptions.sub_url": TEXTS,
  "subscriptions.user_id": IDS,
  "subscriptions.bot_id": BOT_IDS,
  "subscriptions.status": wordsOf("Active", "Expired"),
  "subscriptions.start_date": TIMES,
  "subscriptions.stop_date": TIMES,
  "subscriptions.meta": JSONS,
  "subscriptions.keys": JSONS
}

const DATABASES = Math.max(...Object.values(COLUMNS).map((types) => types.length))

type Types = Readonly<Record<string, string>>

/** Tables of one database differ in the types of what they share: each column begins at another one. */
const typesOf = (n: number, among: (column: string, position: number) => ReadonlyArray<string>): Types =>
  Object.fromEntries(
    Object.keys(COLUMNS).map((column, position) => {
      const types = among(column, position)
      return [column, types[(n + position) % types.length] ?? "INT"]
    })
  )

const isId = (column: string) => /\.(uid|bot_id|user_id|admin_id)$/.test(column)

const DAY = 86_400_000
const today = Math.floor(Date.now() / DAY) * DAY
/** Hours of a day so many days ago. */
const at = (daysAgo: number, hours: number) => new Date(today - daysAgo * DAY + hours * 3_600_000)
const dayOf = (daysAgo: number) => at(daysAgo, 0).toISOString().slice(0, 10)
const iso = (daysAgo: number, hours: number) => at(daysAgo, hours).toISOString()

const META = '{"note": "да 🔥", "n": [1, {"a": null}]}'

const ROWS: BotData = exampleOf({
  bots: [
    {
      uid: 1,
      bot_id: 2,
      username: "бот🔥",
      admin_id: OWNER,
      ref_percent: "10.1",
      balance: "99.99",
      status: "ACTIVE",
      meta: META
    },
    { uid: 2, bot_id: 1, username: null, admin_id: 43, ref_percent: "0", balance: "0", status: "off", meta: null }
  ],
  users: [
    user({ uid: 9, user_id: 7, invited: "7", reg_date: at(3, 10), username: "Ольга", ref_percent: "0.1" }),
    user({ uid: 10, user_id: 8, invited: null, reg_date: at(3, 10), ref_percent: "9.99", meta: META }),
    user({ uid: 100, user_id: 100, invited: "42", reg_date: at(2, 1), meta: "[1]" }),
    user({ uid: 11, user_id: 7, bot_id: 2, reg_date: at(3, 10) }),
    user({ uid: 12, user_id: 9, reg_date: null })
  ],
  payments: [
    payment("9", iso(3, 10), { amount: "99.99", provider: "ю-касса" }),
    payment("10", iso(3, 10), { user_id: 8, amount: "0.1" }),
    payment("100", iso(3, 10), { amount: "10.1", currency: "USDT", meta: '{"kind": "renewal"}' }),
    payment("99", iso(2, 20), { amount: "5", meta: META }),
    payment("101", iso(2, 20), { user_id: 100, amount: "5", status: "NEW" }),
    payment("30", iso(3, 10), { bot_id: 2, amount: "50" })
  ],
  subscriptions: [
    subscription(9, iso(3, 10), {
      user_id: 7,
      sub_uid: "9",
      sub_url: "https://vpn.example/ключ",
      keys: '["vless://🔥"]'
    }),
    subscription(10, iso(3, 10), { user_id: 8, sub_uid: "10", status: "Expired", meta: '{"trial": true}' }),
    subscription(100, iso(3, 10), { user_id: 100, sub_uid: "100", stop_date: at(1, 0), meta: META }),
    subscription(11, iso(3, 10), { bot_id: 2, sub_uid: "11" }),
    subscription(12, null, { user_id: 9, sub_uid: "12", status: "Expired" })
  ]
})

const NEW = payment("102", iso(1, 12), { user_id: 8, amount: "7" })

/** What these types can hold of the rows: a day of a time, whole roubles. */
const heldBy = (types: Types): BotData => {
  const changed = Object.entries(ROWS).map(([table, rows]: [string, ReadonlyArray<object>]) => [
    table,
    rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([column, value]) => {
          const type = types[`${table}.${column}`] ?? ""
          if (type === "DATE" && value instanceof Date)
            return [column, new Date(Math.floor(value.getTime() / DAY) * DAY)]
          if (WHOLE_MONEY.includes(type) && MONEY === COLUMNS[`${table}.${column}`]) {
            return [column, String(Math.floor(Number(value)))]
          }
          return [column, value]
        })
      )
    )
  ])
  return Object.fromEntries(changed)
}

/** The payment that comes later, as these types hold it. */
const heldTime = (types: Types) => (types["payments.date"] === "DATE" ? { ...NEW, date: at(1, 0) } : NEW)

const prepare = (types: Types, rows: BotData) =>
  Effect.tap(makeDatabase, ({ connection }) =>
    Effect.promise(async () => {
      await createBotTables(connection)
      await loadRows(connection, rows)
      for (const [column, type] of Object.entries(types)) {
        const [table, name] = column.split(".")
        const isKey = name === "uid" || name === "bill_id"
        await connection.query(`ALTER TABLE ${table} MODIFY \`${name}\` ${type} ${isKey ? "NOT NULL" : "NULL"}`)
      }
    })
  )

const areBillsNumbers = (types: Types) => WHOLE_BILLS.includes(types["payments.bill_id"] ?? "")

/** All rows of a list in its order, as the API writes them. */
const expectedLists = (rows: BotData, types: Types) => {
  const all = <Row, Key>(found: ReadonlyArray<Row>, keys: ReadonlyArray<Key>, keyOf: (row: Row) => Key) =>
    keys.map((key) => found.find((row) => keyOf(row) === key) ?? assert.fail())
  const bills = paymentList(rows, 1)
  const dateOf = (bill: string) => rows.payments.find(({ bill_id }) => bill_id === bill)?.date.getTime() ?? 0
  const inOrder = areBillsNumbers(types)
    ? bills.toSorted((a, b) => dateOf(b) - dateOf(a) || Number(b) - Number(a))
    : bills
  return {
    users: all(rows.users, userList(rows, 1), ({ uid }) => uid).map((row) => ({
      ...row,
      reg_date: wireTime(row.reg_date),
      ref_percent: Number(row.ref_percent),
      meta: wireJson(row.meta)
    })),
    payments: all(rows.payments, inOrder, ({ bill_id }) => bill_id).map((row) => ({
      ...row,
      amount: Number(row.amount),
      date: wireTime(row.date),
      meta: wireJson(row.meta)
    })),
    subscriptions: all(rows.subscriptions, subscriptionList(rows, 1), ({ uid }) => uid).map((row) => ({
      ...row,
      start_date: wireTime(row.start_date),
      stop_date: wireTime(row.stop_date),
      meta: wireJson(row.meta),
      keys: wireJson(row.keys)
    }))
  }
}

/** A time of a finer type has zeros at its end. */
const plainTimes = (json: unknown): unknown => JSON.parse(JSON.stringify(json).replaceAll(/(T[\d:]{8})\.0+Z"/g, '$1Z"'))

const assertLists = Effect.fnUntraced(function* (rows: BotData, types: Types) {
  const bots = yield* getAs(OWNER, "/api/bots")
  assert.deepStrictEqual(
    bots.json,
    rows.bots.slice(0, 1).map((bot) => ({
      ...bot,
      ref_percent: Number(bot.ref_percent),
      balance: Number(bot.balance),
      meta: wireJson(bot.meta)
    }))
  )
  for (const [name, expected] of Object.entries(expectedLists(rows, types))) {
    const whole = yield* getAs(OWNER, `/api/${name}?bot_id=1`)
    assert.deepStrictEqual(plainTimes(whole.json?.[name]), expected, whole.text)
    for (const limit of [1, 2]) {
      const walked: Array<unknown> = []
      let cursor = ""
      do {
        const page = yield* getAs(OWNER, `/api/${name}?bot_id=1&limit=${limit}${cursor}`)
        assert.strictEqual(page.status, 200, page.text)
        walked.push(...page.json[name])
        cursor = page.json.next_cursor === null ? "" : `&cursor=${page.json.next_cursor}`
      } while (cursor !== "")
      assert.deepStrictEqual(plainTimes(walked), expected, `${name} by cursor, ${limit} at once`)
    }
    const second = yield* getAs(OWNER, `/api/${name}?bot_id=1&limit=2&page=2`)
    assert.deepStrictEqual(plainTimes(second.json?.[name]), expected.slice(2, 4), second.text)
  }
  for (const [startDate, endDate, tz] of [
    [dayOf(2), undefined, "UTC"],
    [undefined, dayOf(3), "UTC"],
    [dayOf(3), dayOf(3), "Asia/Tokyo"]
  ] as const) {
    const filter = [startDate && `&start_date=${startDate}`, endDate && `&end_date=${endDate}`, `&tz=${tz}`].join("")
    const page = yield* getAs(OWNER, `/api/payments?bot_id=1${filter}`)
    const found: ReadonlyArray<{ readonly bill_id: string }> = page.json?.payments
    assert.sameMembers(
      found.map(({ bill_id }) => bill_id),
      [...paymentList(rows, 1, { startDate, endDate, tz })],
      `${filter}: ${page.text}`
    )
    assert.strictEqual(page.json.total, found.length)
  }
  const active = yield* getAs(OWNER, "/api/subscriptions?bot_id=1&status=ACTIVE")
  assert.strictEqual(active.json?.total, subscriptionList(rows, 1, "active").length, active.text)
})

/** For the oracle bills are texts: of one length, they are in the order of numbers. */
const ofOneLength = (rows: BotData): BotData => ({
  ...rows,
  payments: rows.payments.map((row) => ({ ...row, bill_id: row.bill_id.padStart(10, "0") }))
})

const assertFigures = Effect.fnUntraced(function* (data: BotData, types: Types) {
  const rows = areBillsNumbers(types) ? ofOneLength(data) : data
  for (const tz of ["UTC", "Asia/Tokyo"]) {
    const days = yield* getAs(OWNER, `/api/analytics?bot_id=1&start_date=${dayOf(5)}&end_date=${dayOf(0)}&tz=${tz}`)
    assert.deepStrictEqual(days.json, analytics(rows, 1, dayOf(5), dayOf(0), tz), days.text)
  }
  const now = yield* getAs(OWNER, "/api/bots/1/summary")
  assert.deepStrictEqual(now.json, summary(rows, 1, new Date()), now.text)
})

const assertAll = (rows: BotData, types: Types) => Effect.zipRight(assertLists(rows, types), assertFigures(rows, types))

const insert = query(
  `INSERT INTO payments (bill_id, user_id, bot_id, amount, currency, status, date) VALUES (?, ?, 1, ?, 'RUB', 'PAID', ?)`,
  [NEW.bill_id, NEW.user_id, NEW.amount, NEW.date.toISOString().slice(0, 19).replace("T", " ")]
)

const named = (types: Types) =>
  Object.entries(types)
    .map(([column, type]) => `${column} ${type}`)
    .join(", ")

const TIMEOUT = 60_000

describe("tables of every type are read right", () => {
  const databases = Array.from({ length: DATABASES }, (_, n) => typesOf(n, (column) => COLUMNS[column] ?? []))
  for (const [n, types] of databases.entries()) {
    it.scopedLive(
      `from rows and from facts, ${n + 1} of ${databases.length}: payments.amount ${types["payments.amount"]}`,
      () =>
        Effect.gen(function* () {
          const rows = heldBy(types)
          const database = yield* prepare(types, rows)
          const direct = yield* start(database, { facts: "off" })
          yield* Effect.provideService(assertAll(rows, types), TestService, direct.running)
          const kept = yield* start(database, { facts: "on" })
          yield* Effect.gen(function* () {
            yield* untilFacts(Duration.seconds(40))
            const before = yield* sources
            yield* assertAll(rows, types)
            yield* insert
            const more = { ...rows, payments: [...rows.payments, heldTime(types)] }
            yield* assertFigures(more, types)
            assert.strictEqual((yield* sources).rows, before.rows, named(types))
            yield* checkAll
            yield* assertAll(more, types)
          }).pipe(Effect.provideService(TestService, kept.running))
          yield* Effect.provideService(
            assertFigures({ ...rows, payments: [...rows.payments, heldTime(types)] }, types),
            TestService,
            direct.running
          )
        }),
      TIMEOUT
    )
  }

  // Of the ids that facts are not kept of.
  const others = Array.from({ length: OTHER_IDS.length }, (_, n) =>
    typesOf(n, (column) => (isId(column) ? OTHER_IDS : (COLUMNS[column] ?? [])))
  )
  for (const [n, types] of others.entries()) {
    it.scopedLive(
      `where ids are no integers, ${n + 1} of ${others.length}: users.user_id ${types["users.user_id"]}`,
      () =>
        Effect.gen(function* () {
          const rows = heldBy(types)
          const database = yield* prepare(types, rows)
          const { running } = yield* start(database)
          yield* Effect.gen(function* () {
            yield* assertAll(rows, types)
            yield* eventually(
              Effect.map(
                readiness,
                ({ figures, reasons }) => figures === "rows" && /is no integer/.test(reasons.join())
              ),
              "20 seconds"
            )
          }).pipe(Effect.provideService(TestService, running))
        }),
      TIMEOUT
    )
  }
})
