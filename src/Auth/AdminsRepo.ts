import * as SqlClient from "@effect/sql/SqlClient"
import type { Row } from "@effect/sql/SqlConnection"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { orUnavailable } from "../Database/Failure.js"
import { Readiness } from "../Database/Readiness.js"
import type { Admin } from "../Domain/CurrentAdmin.js"
import { type ServiceUnavailable, Unauthorized } from "../Domain/Errors.js"
import type { TelegramId } from "../Domain/Ids.js"
import type { InitDataUser } from "./InitData.js"

export const accountGone = new Unauthorized({
  message: "The account of this token does not exist any more; log in again"
})

/** Telegram's limits may grow; the column's stay. Cut between characters, never inside one. */
const cut = (text: string | null, length: number) =>
  text === null || text.length <= length ? text : [...text].slice(0, length).join("")

/** The dashboard's accounts, in our own table `admins`. */
export class AdminsRepo extends Effect.Service<AdminsRepo>()("app/Auth/AdminsRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const readiness = yield* Readiness

    const find = (userId: TelegramId) =>
      Effect.map(
        sql`SELECT uid, user_id, username, first_name, last_name, language_code, created_at
          FROM admins WHERE user_id = ${userId}`,
        ([row]): Row | undefined => row
      )

    /**
     * Makes the account, or takes over the names that Telegram has now; gives its row, as the driver does. Two first logins
     * at once make one row.
     */
    const login = (user: InitDataUser): Effect.Effect<Row, ServiceUnavailable> => {
      const username = cut(user.username, 64)
      const firstName = cut(user.firstName, 255)
      const lastName = cut(user.lastName, 255)
      const languageCode = cut(user.languageCode, 35)
      const renew = (now: Date) => sql`
        UPDATE admins SET username = ${username}, first_name = ${firstName}, last_name = ${lastName},
          language_code = ${languageCode}, last_login_at = ${now}
        WHERE user_id = ${user.id}`
      // An INSERT that meets the row would use up a number of `uid` each time: it is for the first login alone.
      const make = (now: Date) => sql`
        INSERT INTO admins (user_id, username, first_name, last_name, language_code, created_at, last_login_at)
        VALUES (${user.id}, ${username}, ${firstName}, ${lastName}, ${languageCode}, ${now}, ${now})
        ON DUPLICATE KEY UPDATE last_login_at = VALUES(last_login_at)`
      const made = Effect.flatMap(find(user.id), (row) =>
        row === undefined ? Effect.dieMessage("The account that was made is not there") : Effect.succeed(row)
      )
      const enter = (now: Date) =>
        Effect.flatMap(Effect.zipRight(renew(now), find(user.id)), (known) =>
          known === undefined ? Effect.zipRight(make(now), made) : Effect.succeed(known)
        )
      return orUnavailable(
        Effect.flatMap(readiness.tables, () =>
          Effect.flatMap(Clock.currentTimeMillis, (millis) => enter(new Date(millis)))
        )
      )
    }

    /** Fails where the credential needs an account and there is none. */
    const confirm = ({ needsAccount, userId }: Admin): Effect.Effect<void, Unauthorized | ServiceUnavailable> =>
      needsAccount
        ? Effect.zipRight(readiness.tables, orUnavailable(sql`SELECT 1 FROM admins WHERE user_id = ${userId}`)).pipe(
            Effect.flatMap((rows) => (rows.length > 0 ? Effect.void : accountGone))
          )
        : Effect.void

    return { login, confirm } as const
  })
}) {}
