import * as SqlClient from "@effect/sql/SqlClient"
import type { Row } from "@effect/sql/SqlConnection"
import type { Statement } from "@effect/sql/Statement"
import * as Array from "effect/Array"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import type { BotTables } from "../Database/BotTables.js"
import type { RowReader } from "../Database/Driver.js"
import { Readiness } from "../Database/Readiness.js"
import { Run } from "../Database/Run.js"
import { CurrentAdmin } from "../Domain/CurrentAdmin.js"
import { AccessDenied, type ServiceUnavailable } from "../Domain/Errors.js"
import type { BotId } from "../Domain/Ids.js"
import { demandGrant, type Grant, makeGrant } from "./Grant.js"

/**
 * The same response for a foreign bot and for one that does not exist. Who sent Telegram's id of the bot is told what was
 * meant, and so is everybody else: the text must not depend on the bot.
 */
const accessDenied = new AccessDenied({
  message: "Access denied to this bot; bot_id is the `uid` of GET /api/bots"
})

/** A statement about a bot, made of the grant's pieces. */
export type BotStatement = (grant: Grant, tables: BotTables) => Statement<Row>

/**
 * The one door to a bot's rows. A repository makes its statement of the pieces of a `Grant`, so the check is a part of the
 * statement itself: it costs no round trip, and the rows and the right to them come from one snapshot of the database. A
 * statement that reads past the grant is not run.
 *
 * The statement must give at least one row whenever `granted` has one: no row means no access. There is no row either where
 * the account of a token is gone. Whether that was the reason is asked afterwards (src/Auth/ConfirmAccount.ts).
 */
export class BotAccess extends Effect.Service<BotAccess>()("app/Access/BotAccess", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const run = yield* Run
    const readiness = yield* Readiness

    /** What `read` makes of the rows, or of those that a reader keeps. */
    const read = <A>(
      botId: BotId,
      statement: BotStatement,
      read: (rows: Array.NonEmptyReadonlyArray<Row>, tables: BotTables) => A,
      reader?: () => RowReader
    ): Effect.Effect<A, AccessDenied | ServiceUnavailable, CurrentAdmin> =>
      Effect.flatMap(CurrentAdmin, (admin) =>
        readiness.ask((tables) => {
          const made = statement(makeGrant(sql, admin, botId, tables), tables)
          demandGrant(made)
          return Effect.flatMap(run(made, reader), (rows) =>
            Array.isNonEmptyReadonlyArray(rows) ? Effect.succeed(read(rows, tables)) : accessDenied
          )
        })
      )

    /** The rows as the driver gives them. */
    const query = (botId: BotId, statement: BotStatement, reader?: () => RowReader) =>
      read(botId, statement, identity, reader)

    return { read, query } as const
  })
}) {}
