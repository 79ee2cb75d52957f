import * as Reactivity from "@effect/experimental/Reactivity"
import * as SqlClient from "@effect/sql/SqlClient"
import type { Fragment } from "@effect/sql/Statement"
import * as MysqlClient from "@effect/sql-mysql2/MysqlClient"
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { BotTables } from "../Database/BotTables.js"
import { BotId, TelegramId } from "../Domain/Ids.js"
import { beside } from "../Tables/Bound.js"
import { demandGrant, type Grant, makeGrant } from "./Grant.js"

/** The compiler alone: no statement is run here. */
const SqlLive = Layer.effect(
  SqlClient.SqlClient,
  SqlClient.make({ acquirer: Effect.never, compiler: MysqlClient.makeCompiler(), spanAttributes: [] })
).pipe(Layer.provide(Reactivity.layer))

const tables: BotTables = { column: () => undefined }

type Make = (sql: SqlClient.SqlClient, grant: Grant) => Fragment

const refusalOf = (make: Make) =>
  Effect.map(SqlClient.SqlClient, (sql) => {
    const admin = { userId: TelegramId.make(777), needsAccount: true }
    try {
      demandGrant(make(sql, makeGrant(sql, admin, BotId.make(5), tables)))
      return undefined
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  })

const BOUND: Record<string, Make> = {
  "a table joined to the grant": (sql, { granted, on }) => sql`SELECT 1 FROM ${granted} JOIN ${on("payments", "p")}`,
  "a table in a subquery": (sql, { granted, where }) =>
    sql`SELECT (SELECT COUNT(*) FROM ${where("users", "u")} AND u.uid > ${1}) FROM ${granted}`,
  "a table alone": (sql, { alone }) => sql`SELECT 1 FROM ${alone("users", "u", "WHERE")}`,
  "a table beside a bound one": (sql, { granted, on }) =>
    sql`SELECT 1 FROM ${granted} JOIN ${on("payments", "p")} JOIN ${beside(sql, tables, "payments", "p")("users", "u", "ON")}`,
  "columns and indexes with a table's name in theirs": (sql, { granted }) =>
    sql`SELECT /*+ INDEX(p payments_bot_date) */ ${sql("granted.users_count")} FROM ${granted}`
}

const UNBOUND: Record<string, Make> = {
  "a table by its name": (sql, { granted }) => sql`SELECT 1 FROM ${granted} JOIN payments p ON p.bot_id = ${5}`,
  "a table by its name in upper case": (sql, { granted }) => sql`SELECT 1 FROM ${granted} JOIN PAYMENTS p ON TRUE`,
  "a table as an identifier": (sql, { granted }) => sql`SELECT 1 FROM ${granted} JOIN ${sql("users")} u ON TRUE`,
  "a table as a literal": (sql, { granted }) => sql`SELECT 1 FROM ${granted}, ${sql.literal("subscriptions")} s`,
  "a table of facts": (sql, { granted }) => sql`SELECT 1 FROM ${granted} JOIN bot_analytics_days d ON TRUE`,
  "a table in one part of a union": (sql, { granted }) =>
    sql`SELECT 1 FROM ${granted} UNION ALL SELECT 2 FROM users WHERE bot_id = ${5}`
}

layer(SqlLive)("a statement about a bot", (it) => {
  for (const [name, make] of Object.entries(BOUND)) {
    it.effect(`is run with ${name}`, () => Effect.map(refusalOf(make), (message) => assert.isUndefined(message)))
  }
  for (const [name, make] of Object.entries(UNBOUND)) {
    it.effect(`dies with ${name}`, () =>
      Effect.map(refusalOf(make), (message) =>
        assert.match(message ?? "", /names a table that is not bound to the bot/)
      )
    )
  }
  it.effect("dies where it does not ask for the right at all", () =>
    Effect.gen(function* () {
      assert.match((yield* refusalOf((sql) => sql`SELECT 1`)) ?? "", /does not ask for the right/)
      const named: Make = (sql) => sql`SELECT 1 FROM ${beside(sql, tables, "payments", "x")("users", "u")}`
      assert.match((yield* refusalOf(named)) ?? "", /does not ask for the right/)
    })
  )
})
