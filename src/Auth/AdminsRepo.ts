import * as SqlClient from "@effect/sql/SqlClient"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { Readiness } from "../Database/Readiness.js"
import { Run } from "../Database/Run.js"
import { traced } from "../Database/Traced.js"
import type { Admin } from "../Domain/CurrentAdmin.js"
import { type ServiceUnavailable, Unauthorized } from "../Domain/Errors.js"
import type { TelegramId } from "../Domain/Ids.js"
import { Decimal } from "../Domain/Money.js"
import { ACCOUNTS } from "../Tables/Accounts.js"
import { column } from "../Tables/Column.js"
import type { User } from "../Tables/Users.js"
import type { InitDataUser } from "./InitData/InitData.js"

export const accountGone = new Unauthorized({
  message: "The account of this token does not exist any more; log in again"
})

/** Telegram's limits may grow; the column's stay. Cut between characters, never inside one. */
const cut = (text: string | null, length: number) =>
  text === null || text.length <= length ? text : [...text].slice(0, length).join("")

/** A row of our own table (src/Tables/Accounts.ts). */
interface Account {
  readonly uid: number
  readonly user_id: number
  readonly username: string | null
  readonly first_name: string | null
  readonly last_name: string | null
  readonly language_code: string | null
  readonly created_at: string
}

const NONE = Decimal.make(0)
const instant = column.time.reader(undefined).value

const toUser = ({ created_at, first_name, language_code, last_name, uid, user_id, username }: Account): User => ({
  uid,
  user_id,
  bot_id: 0,
  username,
  invited: null,
  reg_date: instant(created_at),
  ref_percent: NONE,
  meta: { first_name, last_name, language_code }
})

/** The dashboard's accounts. */
export class AdminsRepo extends Effect.Service<AdminsRepo>()("app/Auth/AdminsRepo", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const run = yield* Run
    const readiness = yield* Readiness

    const find = (userId: TelegramId) =>
      Effect.map(
        run(sql<Account>`SELECT uid, user_id, username, first_name, last_name, language_code, created_at
          FROM ${sql(ACCOUNTS)} WHERE user_id = ${userId}`),
        ([row]) => row
      )

    /**
     * Makes the account, or takes over the names that Telegram has now. Two first logins at once make one row. Gives the
     * account in the shape of a user, though it is a user of no bot.
     */
    const login = traced("AdminsRepo.login")((user: InitDataUser): Effect.Effect<User, ServiceUnavailable> => {
      const username = cut(user.username, 64)
      const firstName = cut(user.firstName, 255)
      const lastName = cut(user.lastName, 255)
      const languageCode = cut(user.languageCode, 35)
      const renew = (now: Date) => sql`
        UPDATE ${sql(ACCOUNTS)} SET username = ${username}, first_name = ${firstName}, last_name = ${lastName},
          language_code = ${languageCode}, last_login_at = ${now}
        WHERE user_id = ${user.id}`
      // An INSERT that meets the row would use up a number of `uid` each time: it is for the first login alone.
      const make = (now: Date) => sql`
        INSERT INTO ${sql(ACCOUNTS)} (user_id, username, first_name, last_name, language_code, created_at, last_login_at)
        VALUES (${user.id}, ${username}, ${firstName}, ${lastName}, ${languageCode}, ${now}, ${now})
        ON DUPLICATE KEY UPDATE last_login_at = VALUES(last_login_at)`
      const made = Effect.flatMap(find(user.id), (row) =>
        row === undefined ? Effect.dieMessage("The account that was made is not there") : Effect.succeed(row)
      )
      const enter = (now: Date) =>
        Effect.flatMap(Effect.zipRight(run(renew(now)), find(user.id)), (known) =>
          known === undefined ? Effect.zipRight(run(make(now)), made) : Effect.succeed(known)
        )
      return readiness
        .ask(() => Effect.flatMap(Clock.currentTimeMillis, (millis) => enter(new Date(millis))))
        .pipe(Effect.map(toUser))
    })

    /** Fails where the credential needs an account and there is none. */
    const confirm = traced("AdminsRepo.confirm")(({ needsAccount, userId }: Admin) =>
      needsAccount
        ? readiness
            .ask(() => run(sql`SELECT 1 FROM ${sql(ACCOUNTS)} WHERE user_id = ${userId}`))
            .pipe(Effect.flatMap((rows) => (rows.length > 0 ? Effect.void : accountGone)))
        : Effect.void
    )

    return { login, confirm } as const
  })
}) {}
