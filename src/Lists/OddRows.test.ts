import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { createBotTables, loadRows } from "../../tools/bots/Load.js"
import type { BotData } from "../../tools/bots/Rows.js"
import { analytics } from "../../tools/oracle/Analytics.js"
import { payment, subscription, user } from "../../tools/oracle/Example.js"
import { summary } from "../../tools/oracle/Summary.js"
import { exampleOf, OWNER } from "../testing/Bots.js"
import { until } from "../testing/Database.js"
import { serverKind } from "../testing/Logged.js"
import { makeDatabase, settingsFor, startService } from "../testing/Service.js"

/**
 * One row costs one row: ids of any size are exact in the answer's text, missing ones null, and whatever a row of one bot
 * holds, the other rows and bots are answered. The texts are looked at, not `JSON.parse` of them: that would round.
 */

const PAST = "9007199254740993"
const SNOWFLAKES = ["7263548190273645161", "7263548190273645162", "7263548190273645163"]
const GREATEST = "18446744073709551615"

const rows: BotData = exampleOf({
  users: [1, 2, 3].map((uid) => user({ uid, user_id: uid, reg_date: new Date(`2026-01-0${uid}T10:00:00Z`) })),
  payments: [1, 2, 3].map((i) => payment(`b${i}`, `2026-01-0${i}T10:00:00Z`, { user_id: i })),
  subscriptions: [1, 2, 3].map((uid) => subscription(uid, `2026-01-0${uid}T10:00:00Z`, { user_id: uid }))
})

const serviceOver = (statements: string, facts: "auto" | "off" = "auto") =>
  Effect.gen(function* () {
    const database = yield* makeDatabase
    yield* Effect.promise(async () => {
      await createBotTables(database.connection)
      await loadRows(database.connection, rows)
      await database.connection.query(statements)
    })
    const service = yield* startService(settingsFor(database.address, { facts }))
    yield* service.untilReady
    // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came.
    const query = (statement: string, values: ReadonlyArray<unknown> = []): Promise<any> =>
      database.connection.query(statement, [...values])
    return { service, query }
  })

type Service = Effect.Effect.Success<ReturnType<typeof serviceOver>>["service"]

const got = async (service: Service, path: string): Promise<string> => {
  const { status, text } = await service.get(path, OWNER)
  assert.strictEqual(status, 200, `${path}: ${text}`)
  return text
}

/** The values of a member in the order of the text, with every digit. */
const valuesOf = (text: string, member: string): ReadonlyArray<string> =>
  Array.from(text.matchAll(new RegExp(`"${member}":("[^"]*"|[^,}\\]]+)`, "g")), ([, value]) => value ?? "")

/** The same along the pages, as a client sees them that goes by cursor with this limit. */
const walked = async (service: Service, path: string, member: string, limit: number) => {
  const values: Array<string> = []
  let cursor = ""
  for (let i = 0; i < 20; i++) {
    const text = await got(service, `${path}&limit=${limit}${cursor}`)
    values.push(...valuesOf(text, member))
    const next = JSON.parse(text).next_cursor
    if (next === null) return values
    cursor = `&cursor=${next}`
  }
  throw new Error(`${path} has no end: ${values.join(", ")}`)
}

const EVERY_TABLE = ["users", "payments", "subscriptions"]

describe("ids past 2^53", () => {
  it.scopedLive("of Telegram users are exact, and cost no other row", () =>
    Effect.gen(function* () {
      const { service } = yield* serviceOver(
        EVERY_TABLE.map(
          (table) => `ALTER TABLE ${table} MODIFY user_id BIGINT UNSIGNED NOT NULL;
            UPDATE ${table} SET user_id = ${PAST} WHERE user_id = 2; UPDATE ${table} SET user_id = ${GREATEST} WHERE user_id = 3`
        ).join("; ")
      )
      yield* Effect.promise(async () => {
        for (const table of EVERY_TABLE) {
          for (const limit of [1, 2, 100]) {
            assert.deepStrictEqual(await walked(service, `/api/${table}?bot_id=1`, "user_id", limit), [
              GREATEST,
              PAST,
              "1"
            ])
          }
        }
      })
    })
  )

  it.scopedLive("are ordinary keys: exact, in order, page by page", () =>
    Effect.gen(function* () {
      const time = "'2026-02-01 00:00:00'"
      const all = SNOWFLAKES
      const { service } = yield* serviceOver(`
        ALTER TABLE users MODIFY uid BIGINT NOT NULL;
        ALTER TABLE subscriptions MODIFY uid BIGINT NOT NULL;
        DELETE FROM payments; ALTER TABLE payments MODIFY bill_id BIGINT NOT NULL;
        INSERT INTO users (uid, user_id, bot_id, reg_date) VALUES ${all.map((id) => `(${id}, 7, 1, ${time})`).join(", ")};
        INSERT INTO subscriptions (uid, sub_uid, user_id, bot_id, status, start_date)
          VALUES ${all.map((id) => `(${id}, 's', 7, 1, 'Active', ${time})`).join(", ")};
        INSERT INTO payments (bill_id, user_id, bot_id, amount, currency, status, date)
          VALUES ${["9", ...all, "10"].map((id) => `(${id}, 7, 1, 5, 'RUB', 'PAID', ${time})`).join(", ")}`)
      const newest = [...all].reverse()
      yield* Effect.promise(async () => {
        for (const limit of [1, 2, 3, 1000]) {
          for (const table of ["users", "subscriptions"]) {
            assert.deepStrictEqual(await walked(service, `/api/${table}?bot_id=1`, "uid", limit), [
              ...newest,
              "3",
              "2",
              "1"
            ])
          }
          // Whole-number bills are ordered as numbers; as text or as number, every digit is there.
          const bills = await walked(service, "/api/payments?bot_id=1", "bill_id", limit)
          assert.deepStrictEqual(
            bills.map((id) => id.replaceAll('"', "")),
            [...newest, "10", "9"]
          )
        }
      })
    })
  )

  it.scopedLive("of a bot at Telegram are exact", () =>
    Effect.gen(function* () {
      const { service } = yield* serviceOver(
        `INSERT INTO bots (uid, bot_id, admin_id) VALUES (2, ${PAST}, ${OWNER}), (3, 77, ${OWNER})`
      )
      const text = yield* Effect.promise(() => got(service, "/api/bots"))
      assert.deepStrictEqual(valuesOf(text, "bot_id"), ["2", PAST, "77"])
    })
  )
})

describe("ids that are missing", () => {
  it.scopedLive("are null: of users in every list", () =>
    Effect.gen(function* () {
      const { service } = yield* serviceOver(
        EVERY_TABLE.map(
          (table) =>
            `ALTER TABLE ${table} MODIFY user_id BIGINT NULL; UPDATE ${table} SET user_id = NULL WHERE user_id = 2`
        ).join("; ")
      )
      yield* Effect.promise(async () => {
        for (const table of EVERY_TABLE) {
          for (const limit of [1, 2, 100]) {
            const found = await walked(service, `/api/${table}?bot_id=1`, "user_id", limit)
            assert.deepStrictEqual(found, ["3", "null", "1"], table)
          }
        }
        const { json } = await service.get("/api/bots/1/summary", OWNER)
        assert.deepStrictEqual([json.total_users, json.total_revenue], [3, 300])
      })
    })
  )

  it.scopedLive("are null: of a bot that was drafted in a panel; the owner opens the dashboard of the others", () =>
    Effect.gen(function* () {
      const { service } = yield* serviceOver(
        `ALTER TABLE bots MODIFY bot_id BIGINT NULL; INSERT INTO bots (uid, bot_id, admin_id) VALUES (2, NULL, ${OWNER})`
      )
      const text = yield* Effect.promise(() => got(service, "/api/bots"))
      assert.deepStrictEqual(valuesOf(text, "bot_id"), ["2", "null"])
    })
  )
})

describe("amounts of any DECIMAL", () => {
  const HUGE = `1${"0".repeat(50)}`

  for (const facts of ["auto", "off"] as const) {
    it.scopedLive(`of one bot stop no other bot's figures, facts ${facts}`, () =>
      Effect.gen(function* () {
        const { service } = yield* serviceOver(
          `ALTER TABLE payments MODIFY amount DECIMAL(65,8) NOT NULL;
           INSERT INTO bots (uid, bot_id, admin_id) VALUES (2, 77, ${OWNER});
           INSERT INTO payments (bill_id, user_id, bot_id, amount, currency, status, date)
             VALUES ('huge', 7, 2, ${HUGE}, 'RUB', 'PAID', '2026-01-02 10:00:00'),
                    ('small', 7, 2, 5, 'RUB', 'PAID', '2026-01-01 10:00:00')`,
          facts
        )
        yield* Effect.promise(async () => {
          const range = "start_date=2026-01-01&end_date=2026-01-31"
          const days = await service.get(`/api/analytics?bot_id=1&${range}`, OWNER)
          assert.deepStrictEqual(days.json, analytics(rows, 1, "2026-01-01", "2026-01-31", "UTC"))
          const now = await service.get("/api/bots/1/summary", OWNER)
          assert.deepStrictEqual(now.json, summary(rows, 1, new Date()), now.text)
          const list = JSON.parse(await got(service, "/api/payments?bot_id=2"))
          assert.strictEqual(list.total, 2)
          assert.deepStrictEqual(
            list.payments.map(({ amount, bill_id }: Record<string, unknown>) => [bill_id, amount]),
            [
              ["huge", Number(HUGE)],
              ["small", 5]
            ]
          )
          const own = JSON.parse(await got(service, "/api/bots/2/summary"))
          assert.strictEqual(own.total_revenue, 1e50)
        })
      })
    )
  }
})

/** Each in the `meta` of a payment that is a renewal where `meta` says nothing, and a gift where it is read. */
const nested = (levels: number) => `{"kind": "gift", "a": ${"[".repeat(levels - 1)}${"]".repeat(levels - 1)}}`
const METAS: ReadonlyArray<readonly [name: string, meta: string, isRead: boolean]> = [
  ["as deep as MySQL looks into", nested(100), serverKind === "mysql"],
  ["one level deeper", nested(101), false],
  ["much deeper", nested(20_000), false],
  ["deeper, and broken off", nested(5000).slice(0, 2500), false],
  ["many brackets side by side", `{"kind": "gift", "a": [${"[{}],".repeat(5000)}1]}`, true],
  ["brackets in a text", `{"kind": "gift", "a": [${"[],".repeat(200)}1], "s": "${"[{".repeat(100_000)}"}`, true],
  ["escapes in a text", String.raw`{"kind": "gift", "a": [${"[],".repeat(200)}"\\"], "s": "\\\"[\\"}`, true]
]

describe("meta that is deeper than the server looks into says nothing, and costs nothing else", () => {
  for (const type of ["LONGTEXT", "LONGBLOB"]) {
    for (const facts of ["auto", "off"] as const) {
      it.scopedLive(`as ${type}, facts ${facts}`, () =>
        Effect.gen(function* () {
          const { query, service } = yield* serviceOver(
            `ALTER TABLE payments MODIFY meta ${type} NULL; ALTER TABLE subscriptions MODIFY meta ${type} NULL;
             DELETE FROM payments; DELETE FROM subscriptions`,
            facts
          )
          yield* Effect.promise(async () => {
            if (facts === "auto") {
              await until(async () => (await service.request("/readyz")).json?.figures === "facts", 20_000)
            }
            for (const [i, [, meta]] of METAS.entries()) {
              await query(
                `INSERT INTO payments (bill_id, user_id, bot_id, amount, currency, status, date, meta) VALUES
                  ('first-${i}', ${i}, 1, 1, 'RUB', 'PAID', '2025-12-01 00:00:00', '{"kind": "key"}'),
                  ('deep-${i}', ${i}, 1, 1, 'RUB', 'PAID', '2026-01-0${i + 1} 12:00:00', ?)`,
                [meta]
              )
              await query(
                `INSERT INTO subscriptions (sub_uid, user_id, bot_id, status, start_date, meta)
                 VALUES ('deep-${i}', ${i}, 1, 'Active', '2026-01-0${i + 1} 18:00:00', ?)`,
                [meta]
              )
            }
            const days = async () =>
              JSON.parse(await got(service, "/api/analytics?bot_id=1&start_date=2026-01-01&end_date=2026-01-07")).map(
                ({ payments, renewals }: Record<string, number>) => [payments, renewals]
              )
            const expected = METAS.map(([, , isRead]) => [1, isRead ? 0 : 1])
            assert.deepStrictEqual(await days(), expected)
            if (facts === "auto") {
              await until(
                async () => (await query("SELECT 1 FROM bot_analytics_users"))[0].length >= METAS.length,
                20_000
              )
              assert.deepStrictEqual(await days(), expected)
            }
            assert.strictEqual(
              JSON.parse(await got(service, "/api/payments?bot_id=1")).payments.length,
              2 * METAS.length
            )
            assert.strictEqual(JSON.parse(await got(service, "/api/bots/1/summary")).total_revenue, 2 * METAS.length)
          })
        })
      )
    }
  }
})

it.scopedLive("a status in zero-filled numbers is a text of its digits, in the filter and in what is kept too", () =>
  Effect.gen(function* () {
    const { service } = yield* serviceOver(
      `UPDATE subscriptions SET status = uid; ALTER TABLE subscriptions MODIFY status TINYINT(3) UNSIGNED ZEROFILL NOT NULL`
    )
    yield* Effect.promise(async () => {
      await until(async () => (await service.request("/readyz")).json?.figures === "facts", 20_000)
      const path = "/api/subscriptions?bot_id=1"
      assert.deepStrictEqual(valuesOf(await got(service, path), "status"), ['"3"', '"2"', '"1"'])
      const filtered = JSON.parse(await got(service, `${path}&status=2`))
      assert.deepStrictEqual([filtered.total, filtered.subscriptions.length], [1, 1])
    })
  })
)

describe("times that are none", () => {
  const NONE = ["0000-00-00 00:00:00", "2026-00-10 10:00:00", "2026-02-00 10:00:00"]

  for (const facts of ["auto", "off"] as const) {
    it.scopedLive(`are null, in no day, and cost no other row, facts ${facts}`, () =>
      Effect.gen(function* () {
        const none = (table: string, columns: string, values: (i: number) => string) =>
          `INSERT INTO ${table} (bot_id, user_id, ${columns}) VALUES ${NONE.map((time, i) => `(1, ${i + 1}, ${values(i)}, '${time}')`).join(", ")}`
        const { query, service } = yield* serviceOver(
          `SET SESSION sql_mode = '';
           ${none("users", "uid, reg_date", (i) => String(10 + i))};
           ${none("subscriptions", "uid, sub_uid, status, stop_date, start_date", (i) => `${10 + i}, 's', 'Active', '0000-00-00'`)};
           ${none("payments", "bill_id, amount, currency, status, date", (i) => `'none-${i}', 5, 'RUB', 'PAID'`)}`,
          facts
        )
        yield* Effect.promise(async () => {
          if (facts === "auto") {
            await until(async () => (await service.request("/readyz")).json?.figures === "facts", 20_000)
          }
          for (const [table, time] of [
            ["users", "reg_date"],
            ["payments", "date"],
            ["subscriptions", "start_date"]
          ] as const) {
            const found = await walked(service, `/api/${table}?bot_id=1`, time, 2)
            assert.lengthOf(found, 6)
            assert.lengthOf(
              found.filter((value) => value === "null"),
              3
            )
          }
          const days = async (from: string, to: string) =>
            JSON.parse(await got(service, `/api/analytics?bot_id=1&start_date=${from}&end_date=${to}&tz=Europe/Kiev`))
          const sum = (list: ReadonlyArray<Record<string, number>>, figure: string) =>
            list.reduce((all, day) => all + (day[figure] ?? 0), 0)
          for (const [from, to] of [
            ["2025-12-01", "2026-04-01"],
            ["0001-01-01", "0001-12-31"]
          ] as const) {
            const list = await days(from, to)
            const known = from === "0001-01-01" ? 0 : 3
            // They come before no other row of their user.
            const figures = ["registrations", "payments", "keys"].map((figure) => sum(list, figure))
            assert.deepStrictEqual(figures, [known, known, known], from)
          }
          assert.strictEqual(JSON.parse(await got(service, "/api/bots/1/summary")).total_revenue, 315)
          // One more, and the same again: what a fact counts as is what the rows say.
          await query("UPDATE payments SET amount = 6 WHERE bill_id = 'none-1'")
          assert.strictEqual(JSON.parse(await got(service, "/api/bots/1/summary")).total_revenue, 316)
        })
      })
    )
  }

  it.scopedLive("at the calendar's ends", () =>
    Effect.gen(function* () {
      const { service } = yield* serviceOver(
        `UPDATE payments SET date = '0001-01-01 00:00:00' WHERE bill_id = 'b1';
         UPDATE payments SET date = '9999-12-31 23:59:59' WHERE bill_id = 'b2';
         UPDATE subscriptions SET start_date = '9999-12-31 23:59:59' WHERE uid = 1;
         UPDATE subscriptions SET start_date = '0001-01-01 00:00:00' WHERE uid = 2;
         UPDATE users SET reg_date = '9999-12-31 23:59:59' WHERE uid = 1`
      )
      yield* Effect.promise(async () => {
        await until(async () => (await service.request("/readyz")).json?.figures === "facts", 20_000)
        for (const day of ["0001-01-01", "9999-12-31"]) {
          const [figures] = JSON.parse(await got(service, `/api/analytics?bot_id=1&start_date=${day}&end_date=${day}`))
          assert.strictEqual(figures.payments, 1)
        }
      })
    })
  )
})

it.scopedLive("the days of a range that begins with the year 1 add up to the range", () =>
  Effect.gen(function* () {
    const { service } = yield* serviceOver(
      `UPDATE payments SET date = '0001-01-01 00:00:00' WHERE bill_id = 'b1';
       UPDATE payments SET date = '9999-12-31 23:59:59' WHERE bill_id = 'b2'`
    )
    const total = (filter: string) =>
      Effect.map(
        Effect.promise(() => got(service, `/api/payments?bot_id=1${filter}`)),
        (text) => JSON.parse(text).total
      )
    assert.strictEqual(yield* total(""), 3)
    assert.strictEqual(yield* total("&end_date=0001-01-01"), 1)
    assert.strictEqual(yield* total("&start_date=0001-01-01"), 3)
    assert.strictEqual(yield* total("&start_date=0001-01-01&end_date=0001-01-01"), 1)
    assert.strictEqual(yield* total("&start_date=9999-12-31&end_date=9999-12-31"), 1)
  })
)
