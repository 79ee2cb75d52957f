import * as SqlClient from "@effect/sql/SqlClient"
import type { Row } from "@effect/sql/SqlConnection"
import type { Fragment, Statement } from "@effect/sql/Statement"
import * as Array from "effect/Array"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import type { BotTables } from "../Database/BotTables.js"
import { orUnavailable } from "../Database/Failure.js"
import { Readiness } from "../Database/Readiness.js"
import { CurrentAdmin } from "../Domain/CurrentAdmin.js"
import { AccessDenied, type ServiceUnavailable } from "../Domain/Errors.js"
import type { BotId } from "../Domain/Ids.js"

/** The same answer for a foreign bot and for one that does not exist. */
export const accessDenied = new AccessDenied({ message: "Access denied to this bot" })

/**
 * The one door to a bot's rows. A repository hands in a statement over `granted`, a table of one row where the current
 * admin owns the bot and of none elsewhere; so the check is a part of the statement itself: it costs no round trip, and the
 * answer and the right to it come from one snapshot of the database.
 *
 * The statement must yield at least one row whenever `granted` has one: no row means no access. Nor has `granted` a row
 * where the account of a token is gone; that this was the reason is found out for the answer (src/Auth/ConfirmAccount.ts). `read` turns the rows
 * into the answer (src/Database/Columns.ts); its values are checked when they are written (src/Response/Serializer.ts).
 */
export class BotAccess extends Effect.Service<BotAccess>()("app/Access/BotAccess", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const readiness = yield* Readiness

    const read = <A>(
      botId: BotId,
      statement: (granted: Fragment, tables: BotTables) => Statement<Row>,
      read: (rows: Array.NonEmptyReadonlyArray<Row>, tables: BotTables) => A
    ): Effect.Effect<A, AccessDenied | ServiceUnavailable, CurrentAdmin> =>
      Effect.flatMap(CurrentAdmin, (admin) =>
        Effect.flatMap(readiness.tables, (tables) => {
          const hasAccount = admin.needsAccount
            ? sql` AND EXISTS (SELECT 1 FROM admins WHERE user_id = ${admin.userId})`
            : sql``
          const granted = sql`(
            SELECT uid FROM bots WHERE uid = ${botId} AND admin_id = ${admin.userId}${hasAccount}
          ) AS granted`
          return Effect.flatMap(orUnavailable(statement(granted, tables)), (rows) =>
            Array.isNonEmptyReadonlyArray(rows) ? Effect.succeed(read(rows, tables)) : accessDenied
          )
        })
      )

    /** The rows as the driver gives them. */
    const query = (botId: BotId, statement: (granted: Fragment, tables: BotTables) => Statement<Row>) =>
      read(botId, statement, identity)

    return { read, query } as const
  })
}) {}
