import { SqlClient, SqlSchema } from "@effect/sql"
import { Clock, Effect, Schema } from "effect"
import { orUnavailable } from "../Database/Failure.js"
import { Readiness } from "../Database/Readiness.js"
import { TelegramId } from "../Domain/Ids.js"
import { DateTimeColumn } from "../Domain/Time.js"
import type { InitDataUser } from "./InitData.js"

export const Admin = Schema.Struct({
  uid: Schema.Int,
  user_id: TelegramId,
  username: Schema.NullOr(Schema.String),
  first_name: Schema.NullOr(Schema.String),
  last_name: Schema.NullOr(Schema.String),
  language_code: Schema.NullOr(Schema.String),
  created_at: DateTimeColumn
})

/** Telegram's limits may grow; the column's stay. Cut between characters, never inside one. */
const cut = (text: string | null, length: number) => (text === null ? null : [...text].slice(0, length).join(""))

/** The dashboard's accounts, in our own table `admins`. */
export class AdminsRepo extends Effect.Service<AdminsRepo>()("app/Auth/AdminsRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const readiness = yield* Readiness

    const find = SqlSchema.single({
      Request: TelegramId,
      Result: Admin,
      execute: (userId) => sql`
        SELECT uid, user_id, username, first_name, last_name, language_code, created_at
        FROM admins WHERE user_id = ${userId}`
    })

    /** Makes the account, or takes over the names that Telegram has now. Two first logins at once make one row. */
    const login = (user: InitDataUser) =>
      Effect.gen(function* () {
        yield* readiness.tables
        const now = new Date(yield* Clock.currentTimeMillis)
        const username = cut(user.username, 64)
        const firstName = cut(user.firstName, 255)
        const lastName = cut(user.lastName, 255)
        const languageCode = cut(user.languageCode, 35)
        // An INSERT that meets the row would use up a number of `uid` each time: it is for the first login alone.
        const updated = yield* sql`
          UPDATE admins SET username = ${username}, first_name = ${firstName}, last_name = ${lastName},
            language_code = ${languageCode}, last_login_at = ${now}
          WHERE user_id = ${user.id}`.raw
        if (!matchedRows(updated)) {
          yield* sql`
            INSERT INTO admins (user_id, username, first_name, last_name, language_code, created_at, last_login_at)
            VALUES (${user.id}, ${username}, ${firstName}, ${lastName}, ${languageCode}, ${now}, ${now})
            ON DUPLICATE KEY UPDATE last_login_at = VALUES(last_login_at)`
        }
        return yield* find(user.id)
      }).pipe(Effect.catchTag("NoSuchElementException", Effect.die), orUnavailable)

    /** Whether the account is still there. */
    const exists = (userId: TelegramId) =>
      Effect.zipRight(
        readiness.tables,
        Effect.map(orUnavailable(sql`SELECT 1 FROM admins WHERE user_id = ${userId}`), (rows) => rows.length > 0)
      )

    return { login, exists } as const
  })
}) {}

const decodeUpdate = Schema.decodeUnknownSync(Schema.Struct({ affectedRows: Schema.Number }))

// The driver asks for rows found, not rows changed: a login in the same millisecond with the same names counts too.
const matchedRows = (result: unknown) => decodeUpdate(result).affectedRows > 0
