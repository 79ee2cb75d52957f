import { SqlClient } from "@effect/sql"
import { Effect, Schema } from "effect"
import { BotAccess } from "../Access/BotAccess.js"
import { optionalColumns } from "../Database/BotTables.js"
import { decodePage } from "../Database/Page.js"
import { JsonColumn } from "../Domain/Json.js"
import { DecimalColumn } from "../Domain/Money.js"
import { offsetOf } from "../Domain/Parameters.js"
import { DateTimeColumn } from "../Domain/Time.js"
import { User, type UsersParameters } from "./Api.js"

const UserRow = Schema.Struct({
  ...User.fields,
  reg_date: DateTimeColumn,
  ref_percent: DecimalColumn,
  meta: JsonColumn
})

const decode = decodePage(UserRow, "uid")

export class UsersRepo extends Effect.Service<UsersRepo>()("app/Users/Repo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const access = yield* BotAccess

    /** One page of a bot's users. The page's keys are found in the index alone; only then are its rows fetched. */
    const page = ({ bot_id, limit, page }: UsersParameters) =>
      access
        .query(bot_id, (granted, tables) => {
          const column = optionalColumns(sql, tables, "users", "u")
          return sql`
            SELECT (SELECT COUNT(*) FROM users WHERE bot_id = ${bot_id}) AS total,
              u.uid, u.user_id, u.bot_id, ${column("username")}, ${column("invited")}, ${column("reg_date")},
              ${column("ref_percent")}, ${column("meta")}
            FROM ${granted}
            LEFT JOIN (
              SELECT k.uid FROM users k WHERE k.bot_id = ${bot_id}
              ORDER BY k.reg_date DESC, k.uid DESC LIMIT ${String(limit)} OFFSET ${offsetOf({ page, limit })}
            ) AS page ON TRUE
            LEFT JOIN users u ON u.uid = page.uid
            ORDER BY u.reg_date DESC, u.uid DESC`
        })
        .pipe(
          Effect.flatMap(decode),
          Effect.map(({ items, total }) => ({ users: items, total, page, limit }))
        )

    return { page } as const
  })
}) {}
