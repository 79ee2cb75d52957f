import { SqlClient } from "@effect/sql"
import type { Row } from "@effect/sql/SqlConnection"
import type { Fragment } from "@effect/sql/Statement"
import { Effect } from "effect"
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

/** One row; none where the credential needs an account and there is none. */
const owner = (sql: SqlClient.SqlClient, { needsAccount, userId }: Admin): Fragment =>
  needsAccount ? sql`(SELECT 1 AS one FROM admins WHERE user_id = ${userId}) AS owner` : sql`(SELECT 1 AS one) AS owner`

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
      return Effect.flatMap(
        orUnavailable(sql`
          SELECT ${columns} FROM ${owner(sql, admin)} LEFT JOIN bots b ON b.admin_id = ${admin.userId} ORDER BY b.uid`),
        ([first, ...more]) => {
          if (first === undefined) return accountGone
          // One row of nulls where there are no bots.
          return Effect.succeed(first.uid === null ? [] : [toBot(first), ...more.map(toBot)])
        }
      )
    }

    /** The current admin's bots, by `uid`. */
    const mine = Effect.flatMap(CurrentAdmin, (admin) =>
      Effect.flatMap(readiness.tables, (tables) => read(admin, tables))
    )

    return { mine } as const
  })
}) {}
