import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { Connection } from "mysql2/promise"
import { type AbsentColumns, createBotTables, loadRows, optionalColumns } from "../../tools/bots/Load.js"
import { DATA, OWNER } from "../testing/BotRows.js"
import { contents, failingRoutes, migrate, rowsOf } from "../testing/Database.js"
import { makeDatabase, TestService, testService } from "../testing/Service.js"

/** Databases that other software made before us: each row survives byte by byte, and each route answers. */

const TABLES = ["bots", "users", "payments", "subscriptions"] as const

interface Variant extends AbsentColumns {
  readonly metaType?: "TEXT"
  /** What the other software did otherwise, before its rows came, and after. */
  readonly before?: (connection: Connection) => Promise<unknown>
  readonly after?: (connection: Connection) => Promise<unknown>
  /** Where there is nothing that we could change. */
  readonly incomplete?: boolean
}

const onEach = (change: (table: string) => string) => async (connection: Connection) => {
  for (const table of TABLES) await connection.query(change(table))
}

/** The columns of a table as `SHOW CREATE TABLE` writes them. */
const rebuild = (change: (columns: Array<string>) => Array<string>) => async (connection: Connection) => {
  for (const table of TABLES) {
    const [row] = await rowsOf(connection, `SHOW CREATE TABLE ${table}`)
    const lines = String(row?.["Create Table"]).split("\n")
    const [head, ...rest] = lines
    const columns = change(rest.slice(0, -1).map((line) => line.trim().replace(/,$/, "")))
    await connection.query(`DROP TABLE ${table}; ${head}${columns.join(",")}${rest.at(-1)}`)
  }
}

const halves = [0, 1].map((half) => optionalColumns.filter((_, position) => position % 2 === half))

const VARIANTS: Record<string, Variant> = {
  "no indexes but primary keys": {},
  "no optional column": { bare: true },
  "without one half of the optional columns": { without: halves[0] ?? [] },
  "without the other half": { without: halves[1] ?? [] },
  "meta as TEXT, with text that is no JSON": {
    metaType: "TEXT",
    after: async (connection) => {
      await connection.query(
        "UPDATE users SET meta = '{\"unfinished\": ' WHERE uid = 2; UPDATE users SET meta = '' WHERE uid = 3"
      )
      await connection.query(
        "UPDATE payments SET meta = 'renewal'; UPDATE subscriptions SET `keys` = 'vless://x', meta = 'NaN'"
      )
    }
  },
  "wide columns": {
    before: rebuild((columns) => columns.map((column) => column.replace(/varchar\(\d+\)/, "varchar(255)")))
  },
  "columns of text without length": {
    before: rebuild((columns) =>
      columns.map((column) =>
        column.startsWith("`bill_id`")
          ? column
          : column.replace(/varchar\(\d+\)/, "text").replace("DEFAULT 'ACTIVE'", "")
      )
    )
  },
  latin1: { before: onEach((table) => `ALTER TABLE ${table} CONVERT TO CHARACTER SET latin1`) },
  utf8mb4_general_ci: {
    before: onEach((table) => `ALTER TABLE ${table} CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci`)
  },
  utf8mb4_bin: {
    before: onEach((table) => `ALTER TABLE ${table} CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`)
  },
  "the collation that MySQL has by default": {
    before: async (connection) => {
      const [row] = await rowsOf(connection, "SELECT VERSION() AS version")
      const collation = /maria/i.test(row?.version) ? "utf8mb4_unicode_520_ci" : "utf8mb4_0900_ai_ci"
      await onEach((table) => `ALTER TABLE ${table} CONVERT TO CHARACTER SET utf8mb4 COLLATE ${collation}`)(connection)
    }
  },
  MyISAM: { bare: true, before: onEach((table) => `ALTER TABLE ${table} ENGINE = MyISAM`) },
  "columns in another order, with names in upper case": {
    before: rebuild(([key = "", ...columns]) =>
      [...columns.reverse(), key].map((column) => column.replace(/`\w+`/g, (name) => name.toUpperCase()))
    )
  },
  "no primary key": {
    before: rebuild((columns) =>
      columns.filter((column) => !column.startsWith("PRIMARY")).map((column) => column.replace(" AUTO_INCREMENT", ""))
    )
  },
  "a view in place of a table": {
    after: (connection) =>
      connection.query(
        "RENAME TABLE users TO people; CREATE VIEW users AS SELECT uid, user_id, bot_id, reg_date FROM people"
      ),
    incomplete: true
  }
}

/** The bots' next INSERT has the columns that their software knows. */
const nextInserts = async (connection: Connection, absent: AbsentColumns) =>
  loadRows(
    connection,
    {
      bots: DATA.bots.map((row) => ({ ...row, uid: row.uid + 100, admin_id: 1 })),
      users: DATA.users.map((row) => ({ ...row, uid: row.uid + 100 })),
      payments: DATA.payments.map((row) => ({ ...row, bill_id: `${row.bill_id}-next` })),
      subscriptions: DATA.subscriptions.map((row) => ({ ...row, uid: row.uid + 100 }))
    },
    undefined,
    absent
  )

describe("adoption of", () => {
  for (const [name, variant] of Object.entries(VARIANTS)) {
    it.scopedLive(name, () => {
      let before = ""
      let checksum = async () => ""
      const service = testService({
        prepare: async ({ connection }) => {
          await createBotTables(connection, variant)
          await variant.before?.(connection)
          await loadRows(connection, DATA, undefined, variant)
          await variant.after?.(connection)
          checksum = (await contents(connection)).checksum
          before = await checksum()
        }
      })
      return Effect.gen(function* () {
        const service = yield* TestService
        yield* Effect.promise(async () => {
          const { connection } = service.database
          assert.strictEqual(await checksum(), before)
          assert.deepStrictEqual(await failingRoutes(service, 5, OWNER), [])
          const states = await rowsOf(connection, "SELECT DISTINCT complete FROM bot_analytics_migrations ORDER BY 1")
          assert.deepStrictEqual(
            states.map(({ complete }) => complete),
            variant.incomplete ? [0, 1] : [1]
          )
          const users = await service.get("/api/users?bot_id=5", OWNER)
          assert.strictEqual(users.json.total, DATA.users.length)
          assert.strictEqual(users.json.users.length, DATA.users.length)
          if (!variant.incomplete) await nextInserts(connection, variant)
        })
      }).pipe(Effect.provide(service))
    })
  }

  it.scopedLive("somebody else's indexes: those that serve are left alone, others are not mistaken for ours", () =>
    Effect.gen(function* () {
      const { address, connection } = yield* makeDatabase
      yield* Effect.promise(async () => {
        await createBotTables(connection)
        await connection.query(`
          CREATE INDEX theirs ON users (bot_id, reg_date, uid, username);
          CREATE INDEX theirs ON bots (username(3), admin_id);
          CREATE INDEX payments_bot_user ON payments (bot_id, user_id);
          CREATE INDEX theirs ON payments (bot_id, date, bill_id(3), status, currency, amount)`)
      })
      const { gaps } = yield* migrate(address)
      assert.deepStrictEqual(gaps, [])
      const indexes = yield* Effect.promise(() =>
        rowsOf(
          connection,
          `SELECT DISTINCT table_name AS t, index_name AS i FROM information_schema.statistics
           WHERE table_schema = DATABASE() AND table_name IN ('bots', 'users', 'payments') AND index_name <> 'PRIMARY'`
        )
      )
      assert.sameMembers(
        indexes.map(({ i, t }) => `${t}.${i}`),
        [
          "users.theirs",
          "users.users_bot_user",
          "bots.theirs",
          "bots.bots_admin",
          "payments.theirs",
          "payments.payments_bot_user",
          "payments.payments_bot_date"
        ]
      )
    })
  )
})
