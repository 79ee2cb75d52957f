import * as SqlClient from "@effect/sql/SqlClient"
import type { Row } from "@effect/sql/SqlConnection"
import * as Effect from "effect/Effect"
import { type BotTables, optionalColumns } from "../Database/BotTables.js"
import * as Columns from "../Database/Columns.js"
import type { Unchecked } from "../Domain/Json.js"
import { keptTotal } from "../Facts/Within.js"
import { type List, Lists } from "../Lists/Lists.js"
import type { User, UsersParameters } from "./Api.js"

const toUser = (tables: BotTables) => {
  const meta = Columns.json(tables.isJson("users", "meta"))
  return (row: Row): Unchecked<User> => ({
    uid: row.uid,
    user_id: row.user_id,
    bot_id: row.bot_id,
    username: row.username,
    invited: row.invited,
    reg_date: Columns.time(row.reg_date),
    ref_percent: Columns.decimal(row.ref_percent),
    meta: meta(row.meta)
  })
}

const users: List<Unchecked<User>> = {
  order: { table: "users", time: "reg_date", key: "uid", index: "users_bot_reg" },
  read: toUser
}

export class UsersRepo extends Effect.Service<UsersRepo>()("app/Users/Repo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const lists = yield* Lists
    const totalOf = yield* keptTotal

    /** One page of a bot's users. */
    const page = (asked: UsersParameters) =>
      lists
        .page(users, asked, [], (tables) => {
          const column = optionalColumns(sql, tables, "users", "r")
          const chosen = sql`k.bot_id = ${asked.bot_id}`
          return {
            chosen,
            total: sql`(SELECT COUNT(*) FROM users k WHERE ${chosen})`,
            kept: {
              total: totalOf("user", asked.bot_id),
              count: ({ metric, n }) => (metric === "user" ? n : 0)
            },
            columns: sql`r.uid, r.user_id, r.bot_id, ${column("username")}, ${column("invited")}, r.reg_date,
              ${column("ref_percent")}, ${column("meta")}`
          }
        })
        .pipe(Effect.map(({ items, ...page }) => ({ users: items, ...page })))

    return { page } as const
  })
}) {}
