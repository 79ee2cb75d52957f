import * as SqlClient from "@effect/sql/SqlClient"
import type { Row } from "@effect/sql/SqlConnection"
import type { Fragment } from "@effect/sql/Statement"
import * as Effect from "effect/Effect"
import { accountGone } from "../Auth/AdminsRepo.js"
import { type BotTables, forTables, optionalColumns } from "../Database/BotTables.js"
import * as Columns from "../Database/Columns.js"
import { orUnavailable } from "../Database/Failure.js"
import { Readiness } from "../Database/Readiness.js"
import { type Admin, CurrentAdmin } from "../Domain/CurrentAdmin.js"
import type { Unchecked } from "../Domain/Json.js"
import type { Bot } from "./Api.js"

const toBot = (tables: BotTables) => {
  const meta = Columns.json(tables.isJson("bots", "meta"))
  return (row: Row): Unchecked<Bot> => ({
    uid: row.uid,
    bot_id: row.bot_id,
    username: row.username,
    admin_id: row.admin_id,
    ref_percent: Columns.decimal(row.ref_percent),
    balance: Columns.decimal(row.balance),
    status: row.status,
    meta: meta(row.meta)
  })
}

/**
 * The admin's bots. Where the credential needs an account: a row of nulls where there are none, and no row where there is no
 * account.
 */
const ownBots = (sql: SqlClient.SqlClient, { needsAccount, userId }: Admin): Fragment =>
  needsAccount
    ? sql`admins a LEFT JOIN bots b ON b.admin_id = ${userId} WHERE a.user_id = ${userId}`
    : sql`bots b WHERE b.admin_id = ${userId}`

export class BotsRepo extends Effect.Service<BotsRepo>()("app/Bots/Repo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const readiness = yield* Readiness

    const shape = forTables((tables) => {
      const column = optionalColumns(sql, tables, "bots", "b")
      return {
        columns: sql`b.uid, b.bot_id, ${column("username")}, b.admin_id, ${column("ref_percent")}, ${column("balance")},
          ${column("status", "ACTIVE")}, ${column("meta")}`,
        toBot: toBot(tables)
      }
    })

    const read = (admin: Admin, tables: BotTables) => {
      const { columns, toBot } = shape(tables)
      const rows = orUnavailable(sql`SELECT ${columns} FROM ${ownBots(sql, admin)} ORDER BY b.uid`)
      return Effect.flatMap(rows, (rows) => {
        const [first] = rows
        if (first === undefined && admin.needsAccount) return accountGone
        return Effect.succeed(first?.uid === null ? [] : rows.map(toBot))
      })
    }

    /** The current admin's bots, by `uid`. */
    const mine = Effect.flatMap(CurrentAdmin, (admin) =>
      Effect.flatMap(readiness.tables, (tables) => read(admin, tables))
    )

    return { mine } as const
  })
}) {}
