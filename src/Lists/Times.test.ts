import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { botTables, exampleOf, fill, OWNER } from "../testing/Bots.js"
import { query } from "../testing/Client.js"
import { assertPages, assertWalk, type ListRoute } from "../testing/Pages.js"
import { testService } from "../testing/Service.js"

/**
 * A time goes into a cursor and comes back as the text of its column, whatever that is: older tables hold fractions of
 * seconds, no time at all, and MySQL's zero date.
 */
const TIMES: ReadonlyArray<string | null> = [
  "2026-01-01 00:00:00",
  "2026-01-01 00:00:00.000001",
  "2026-01-01 00:00:00.001",
  "2026-01-01 00:00:00.0015",
  "2026-01-01 00:00:00.4",
  "2026-01-01 00:00:00.5",
  "2026-01-01 00:00:00.999999",
  "2026-01-01 00:00:01",
  "9999-12-31 23:59:59",
  "0000-00-00 00:00:00",
  null
]

const LISTS: ReadonlyArray<ListRoute & { readonly time: string }> = [
  { path: "/api/users", rows: "users", key: "uid", time: "reg_date" },
  { path: "/api/subscriptions", rows: "subscriptions", key: "uid", time: "start_date" },
  { path: "/api/payments", rows: "payments", key: "bill_id", time: "date" }
]

const columns = {
  users: "user_id",
  subscriptions: "sub_uid, user_id, status",
  payments: "bill_id, user_id, amount, currency, status"
}
const values = {
  users: () => "1",
  subscriptions: () => "'s', 1, 'Active'",
  payments: (i: number) => `'b${i}', 1, 1, 'RUB', 'PAID'`
}

for (const billIdCollation of ["utf8mb4_bin", "utf8mb4_unicode_ci"]) {
  layer(testService({ prepare: botTables({ billIdCollation }) }), { excludeTestServices: true })(
    `where bill_id is ${billIdCollation}, and a time`,
    (it) => {
      it.effect.each(["DATETIME", "DATETIME(3)", "DATETIME(6)", "TIMESTAMP(6)"])("is a %s", (type) =>
        Effect.gen(function* () {
          yield* fill(exampleOf({}))
          yield* query("SET SESSION sql_mode = ''")
          for (const list of LISTS) {
            const rows = list.rows as keyof typeof columns
            yield* query(`ALTER TABLE ${rows} MODIFY ${list.time} ${type} NULL`)
            const times = TIMES.filter((time) => !type.startsWith("TIMESTAMP") || !time?.startsWith("9999"))
            for (const [i, time] of [...times, ...times, ...times].entries()) {
              const row = `1, ${values[rows](i)}, ?`
              yield* query(`INSERT INTO ${rows} (bot_id, ${columns[rows]}, ${list.time}) VALUES (${row})`, [time])
            }
            const key = list.rows === "payments" ? "bill_id COLLATE utf8mb4_bin" : "uid"
            const found = yield* query(`SELECT ${list.key} AS k FROM ${rows} ORDER BY ${list.time} DESC, ${key} DESC`)
            const expected: ReadonlyArray<unknown> = found.map(({ k }) => k)
            assert.lengthOf(expected, times.length * 3)
            for (const limit of [2, 7]) {
              yield* assertPages(list, { bot_id: 1 }, OWNER, expected, limit)
              yield* assertWalk(list, { bot_id: 1 }, OWNER, expected, { page: 1, limits: [limit] })
            }
          }
        })
      )
    }
  )
}
