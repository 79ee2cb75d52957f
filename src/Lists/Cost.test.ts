import * as Reactivity from "@effect/experimental/Reactivity"
import * as SqlClient from "@effect/sql/SqlClient"
import type { Fragment } from "@effect/sql/Statement"
import * as MysqlClient from "@effect/sql-mysql2/MysqlClient"
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { createBotTables } from "../../tools/bots/Load.js"
import type { FoundColumn } from "../Database/BotTables.js"
import { idFor } from "../Tables/Types.js"
import { query } from "../testing/Client.js"
import { TestService, testService } from "../testing/Service.js"
import type { Position } from "./Cursors.js"
import { type Order, pageKeys } from "./Keys.js"

/**
 * What a page reads, in rows of an index that the server's storage hands out. The tables are filled a moment before, so that the server
 * knows nothing of what is in them; its plans must be right all the same.
 */
const ROWS = 12_000
const LIMIT = 100

const fillTables = Effect.gen(function* () {
  yield* query("ALTER TABLE payments MODIFY date DATETIME NULL")
  yield* query("CREATE TABLE numbers (n INT PRIMARY KEY)")
  const digit =
    "(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5)"
  const digits = Array.from({ length: 6 }, (_, i) => `${digit} d${i}`).join(" JOIN ")
  const sum = Array.from({ length: 6 }, (_, i) => `d${i}.d * ${6 ** i}`).join(" + ")
  yield* query(`INSERT INTO numbers SELECT ${sum} AS n FROM ${digits} HAVING n < ${ROWS}`)
  // Three rows of each second, a sixth of them without a time.
  const time = "IF(n % 6 = 5, NULL, TIMESTAMP('2026-01-01') + INTERVAL n DIV 3 SECOND)"
  const insert = (table: string, columns: string, values: string) =>
    query(`INSERT INTO ${table} (bot_id, ${columns}) SELECT IF(n % 12 < 11, 1, 2), ${values} FROM numbers`)
  yield* insert("users", "user_id, reg_date", `n, ${time}`)
  yield* insert("subscriptions", "sub_uid, user_id, status, start_date", `'s', n, 'Active', ${time}`)
  yield* insert(
    "payments",
    "bill_id, user_id, amount, currency, status, date",
    `CONCAT('b', n), n, 1, 'RUB', 'PAID', ${time}`
  )
})

/** The same with the bots' ids as digits in a text. */
const TEXT_ID: FoundColumn = {
  type: "varchar",
  declared: "varchar(32)",
  collation: "utf8mb4_unicode_ci",
  length: 32
}
const withTextIds = Effect.forEach(["users", "subscriptions", "payments"], (table) =>
  query(`ALTER TABLE ${table} MODIFY bot_id VARCHAR(32) CHARACTER SET utf8mb4 COLLATE ${TEXT_ID.collation} NOT NULL`)
)

const filled = testService({ prepare: ({ connection }) => createBotTables(connection) }).pipe(
  Layer.tap((running) => Effect.provide(fillTables, running))
)

const compiled = (make: (sql: SqlClient.SqlClient, keys: Effect.Effect.Success<typeof pageKeys>) => Fragment) =>
  Effect.runSync(
    Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      return sql`${make(sql, yield* pageKeys)}`.compile()
    }).pipe(
      Effect.provideServiceEffect(
        SqlClient.SqlClient,
        SqlClient.make({ acquirer: Effect.never, compiler: MysqlClient.makeCompiler(), spanAttributes: [] })
      ),
      Effect.provide(Reactivity.layer)
    )
  )

/** Rows that the storage handed to this session so far, without those of temporary tables, `rnd`. */
const handed = Effect.map(query("SHOW SESSION STATUS LIKE 'Handler_read%'"), (rows) =>
  rows
    .filter(({ Variable_name }) => !String(Variable_name).includes("rnd"))
    .reduce((sum: number, { Value }) => sum + Number(Value), 0)
)

const cost = Effect.fnUntraced(function* (
  order: Order,
  after: Position | undefined,
  isInOrder: boolean,
  botId?: FoundColumn
) {
  const [text, values] = compiled((sql, keys) =>
    keys(order, {
      rows: (keyword) => sql`${sql.literal(`${order.table} k ${keyword} k.bot_id = `)}${idFor(sql, botId, 1)}`,
      after,
      limit: LIMIT,
      offset: "0",
      inOrder: isInOrder ? undefined : (key) => sql`CONVERT(${key} USING utf8mb4) COLLATE utf8mb4_bin`
    })
  )
  const { database } = yield* TestService
  const before = yield* handed
  const [rows] = yield* Effect.promise(() => database.connection.execute(text, values as Array<string>))
  return { rows: (rows as Array<unknown>).length, read: (yield* handed) - before }
})

const LISTS: ReadonlyArray<readonly [Order, keyOf: (n: number) => string | number]> = [
  [{ table: "users", time: "reg_date", key: "uid", index: "users_bot_reg" }, (n) => n + 1],
  [
    { table: "subscriptions", time: "start_date", key: "uid", index: "subscriptions_bot_start", held: "status" },
    (n) => n + 1
  ],
  [{ table: "payments", time: "date", key: "bill_id", index: "payments_bot_date", held: "status" }, (n) => `b${n}`]
]

const time = (n: number) =>
  new Date(Date.UTC(2026, 0, 1) + Math.floor(n / 3) * 1000).toISOString().slice(0, 19).replace("T", " ")

layer(filled, { excludeTestServices: true })(
  "a page reads as many rows as it has, and a few, wherever it is in",
  (it) => {
    for (const [order, keyOf] of LISTS) {
      const places: ReadonlyArray<Position | undefined> = [
        undefined,
        ...[0.99, 0.5, 0.3, 0.01]
          .map((part) => Math.floor(part * ROWS))
          .map((n) => ({ time: time(n), key: keyOf(n), passed: 0 })),
        ...[0.99, 0.5].map((part) => ({ time: null, key: keyOf(Math.floor(part * ROWS)), passed: 0 }))
      ]
      it.effect(order.table, () =>
        Effect.gen(function* () {
          for (const after of places) {
            const { read, rows } = yield* cost(order, after, true)
            assert.strictEqual(rows, LIMIT, JSON.stringify(after))
            assert.isAtMost(read, LIMIT + 20, JSON.stringify(after))
          }
        })
      )
    }

    it.effect("payments, where the index has another order", () =>
      Effect.gen(function* () {
        const [order, keyOf] = LISTS[2] ?? assert.fail()
        // Not among those without a time: they are all of one second, so to speak, and have to be sorted.
        for (const n of [undefined, ...[0.99, 0.5, 0.3, 0.05].map((part) => Math.floor(part * ROWS))]) {
          const after = n === undefined ? undefined : { time: time(n), key: keyOf(n), passed: 0 }
          const { read, rows } = yield* cost(order, after, false)
          assert.strictEqual(rows, LIMIT, JSON.stringify(after))
          assert.isAtMost(read, 4 * LIMIT, JSON.stringify(after))
        }
      })
    )

    it.effect("of a bot whose id is digits in a text", () =>
      Effect.gen(function* () {
        yield* withTextIds
        for (const [order, keyOf] of LISTS) {
          for (const n of [undefined, Math.floor(ROWS / 2)]) {
            const after = n === undefined ? undefined : { time: time(n), key: keyOf(n), passed: 0 }
            const { read, rows } = yield* cost(order, after, true, TEXT_ID)
            assert.strictEqual(rows, LIMIT)
            assert.isAtMost(read, 2 * LIMIT, `${order.table} ${JSON.stringify(after)}`)
          }
        }
      })
    )
  }
)
