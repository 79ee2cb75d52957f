import * as SqlClient from "@effect/sql/SqlClient"
import type { Row } from "@effect/sql/SqlConnection"
import { SqlError } from "@effect/sql/SqlError"
import type { Fragment, Statement } from "@effect/sql/Statement"
import type * as Array from "effect/Array"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { BotAccess } from "../Access/BotAccess.js"
import type { BotTables } from "../Database/BotTables.js"
import { orUnavailable, reasonOf } from "../Database/Failure.js"
import { Pool } from "../Database/Pool.js"
import { Readiness } from "../Database/Readiness.js"
import type { CurrentAdmin } from "../Domain/CurrentAdmin.js"
import type { AccessDenied, ServiceUnavailable } from "../Domain/Errors.js"
import type { BotId } from "../Domain/Ids.js"
import { changing, marked } from "./Keep/Change.js"
import { KeeperLive } from "./Keep/Keeper.js"
import { FactsState, type Source } from "./State.js"
import type { Fact } from "./Store/Fact.js"
import { MARKS } from "./Store/Tables.js"

/** More marks than these a read does not make up for: the bots' rows themselves are quicker then. */
const MARKS_AT_MOST = 5000

/** What every statement over facts tells beside its own columns: see `Facts.query`. */
const Standing = Schema.Struct({
  built: Schema.Literal(0, 1),
  /** Whether the bot's rows are gone without a mark, as TRUNCATE leaves them. */
  lost: Schema.Literal(0, 1),
  marks: Schema.NonNegativeInt,
  last_mark: Schema.NullOr(Schema.NonNegativeInt)
})
const decode = Schema.decodeUnknown(Standing)

export type FactsStatement = (
  from: { readonly granted: Fragment; readonly standing: Fragment },
  tables: BotTables
) => Statement<Row>

export interface FactsAnswer {
  readonly rows: Array.NonEmptyReadonlyArray<Row>
  /** What to add to the kept figures in `rows`, from rows that were written since. */
  readonly difference: ReadonlyArray<Fact>
}

/**
 * Reads figures that are kept up to date, exact at the moment of the answer: a bot's writes leave marks in the same
 * transaction, so where a statement sees no mark, the facts that it sees are the truth. Where it sees some, it is run again
 * over one state of the database, with what the marked users' rows count as now. It waits for nobody, and writes nothing.
 */
export class Facts extends Effect.Service<Facts>()("app/Facts", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const pool = yield* Pool
    const readiness = yield* Readiness
    const access = yield* BotAccess
    const state = yield* FactsState
    const changeOf = yield* changing

    const standing = (granted: Fragment, botId: BotId, signature: string) => {
      const gone = (metric: string, table: string) => sql`
        EXISTS (SELECT 1 FROM bot_analytics_totals WHERE bot_id = ${botId} AND metric = ${metric} AND n > 0)
          AND NOT EXISTS (SELECT 1 FROM ${sql(table)} WHERE bot_id = ${botId})`
      return sql`(
        SELECT granted.uid AS uid, f.built_at IS NOT NULL AND f.signature = ${signature} AS built,
          marks.n AS marks, marks.last AS last_mark,
          (${gone("user", "users")}) OR (${gone("bill", "payments")}) OR (${gone("subscription", "subscriptions")}) AS lost
        FROM ${granted}
        JOIN (
          SELECT COUNT(*) AS n, CAST(MAX(id) AS SIGNED) AS last
          FROM (SELECT id FROM ${sql(MARKS)} WHERE bot_id = ${botId} LIMIT ${sql.literal(String(MARKS_AT_MOST + 1))}) AS some
        ) AS marks
        LEFT JOIN bot_analytics_bots f ON f.bot_id = granted.uid
      ) AS standing`
    }

    // Which row of a UNION comes first is the server's choice.
    const standingIn = (rows: ReadonlyArray<Row>) =>
      Effect.orDie(decode(rows.find(({ built }) => typeof built === "number")))

    const found = (source: Source, answer: FactsAnswer) => {
      state.answers[source]++
      return Option.some(answer)
    }

    // Somebody changed our own tables: the bots' rows are still there.
    const broken = (error: SqlError) =>
      Effect.logWarning(`Facts can't be read: ${reasonOf(error)}`).pipe(
        Effect.zipRight(state.wake),
        Effect.as(Option.none<FactsAnswer>())
      )

    /**
     * Runs a statement over facts; none where they can't answer. Its rows carry the columns of `standing`, which
     * has one row where `granted` (src/Access/BotAccess.ts) has one: `built`, `lost`, `marks` and `last_mark`; or nulls.
     */
    const query = (
      botId: BotId,
      statement: FactsStatement
    ): Effect.Effect<Option.Option<FactsAnswer>, AccessDenied | ServiceUnavailable, CurrentAdmin> =>
      Effect.gen(function* () {
        const current = yield* state.get
        if (current._tag === "Direct") return Option.none()
        const run = access.query(botId, (granted, tables) =>
          statement({ granted, standing: standing(granted, botId, current.signature) }, tables)
        )
        const rows = yield* run
        const { built, lost, marks } = yield* standingIn(rows)
        if (built === 1 && lost === 0 && marks === 0) return found("facts", { rows, difference: [] })
        if (built === 1 && marks === 0) yield* state.doubt(botId)
        yield* state.wake
        if (built === 0 || marks === 0 || marks > MARKS_AT_MOST) return Option.none()
        return yield* corrected(botId, run)
      }).pipe(
        Effect.catchSomeDefect((defect) => (defect instanceof SqlError ? Option.some(broken(defect)) : Option.none())),
        Effect.tap((answer) => Effect.sync(() => void (Option.isNone(answer) && state.answers.rows++)))
      )

    /** The same once more, and the difference that the marks make, both of one moment. */
    const corrected = (
      botId: BotId,
      run: Effect.Effect<Array.NonEmptyReadonlyArray<Row>, AccessDenied | ServiceUnavailable, CurrentAdmin>
    ) =>
      orUnavailable(
        pool.snapshot(
          Effect.gen(function* () {
            const rows = yield* run
            const { built, last_mark, marks } = yield* standingIn(rows)
            if (built === 0 || marks > MARKS_AT_MOST) return Option.none<FactsAnswer>()
            if (last_mark === null) return found("facts", { rows, difference: [] })
            const { difference } = yield* changeOf(botId, marked(sql, botId, last_mark), yield* readiness.tables)
            return found("facts_and_marks", { rows, difference })
          })
        )
      )

    return { query } as const
  })
}) {
  /** With its keeper in the background. */
  static readonly Live = Layer.merge(Facts.Default, KeeperLive)
}
