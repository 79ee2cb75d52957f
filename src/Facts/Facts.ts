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
import type { Grant } from "../Access/Grant.js"
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

/** What every statement over facts tells beside its own columns. */
const StandingRow = Schema.Struct({
  built: Schema.Literal(0, 1),
  /** Whether the bot's rows are gone without a mark, as TRUNCATE leaves them. */
  lost: Schema.Literal(0, 1),
  marks: Schema.NonNegativeInt,
  last_mark: Schema.NullOr(Schema.NonNegativeInt)
})
const decode = Schema.decodeUnknown(StandingRow)

/** The columns that tell how a bot's facts stand. */
export const STANDING = ["built", "lost", "marks", "last_mark"] as const

/** How the bot's facts stand. A statement over facts takes `granted` from here once, and names these columns with it. */
export interface Standing {
  readonly granted: Fragment
  readonly columns: Readonly<Record<(typeof STANDING)[number], Fragment>>
}

export type FactsStatement = (grant: Grant, tables: BotTables, standing: Standing) => Statement<Row>

export interface FactsAnswer {
  readonly rows: Array.NonEmptyReadonlyArray<Row>
  /** What to add to the kept figures in `rows`, from rows that were written since. */
  readonly difference: ReadonlyArray<Fact>
}

/**
 * Reads figures that are kept up to date, exact at the moment of the response. A bot's writes leave marks in the same
 * transaction. So where a statement sees no mark, the facts that it sees are the truth. Where it sees some, it is run again
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

    const columns: Standing["columns"] = {
      built: sql`granted.built`,
      lost: sql`granted.lost`,
      marks: sql`granted.marks`,
      last_mark: sql`granted.last_mark`
    }

    const standing = ({ alone, granted, on, where }: Grant, signature: string): Standing => {
      const gone = (metric: string, table: string) => sql`
        EXISTS (SELECT 1 FROM ${where("bot_analytics_totals", "t")} AND t.metric = ${metric} AND t.n > 0)
          AND NOT EXISTS (SELECT 1 FROM ${where(table, "r")})`
      const table = sql`(
        SELECT granted.bot_id AS bot_id, f.built_at IS NOT NULL AND f.signature = ${signature} AS built,
          marks.n AS marks, marks.last AS last_mark,
          (${gone("user", "users")}) OR (${gone("bill", "payments")}) OR (${gone("subscription", "subscriptions")}) AS lost
        FROM ${granted}
        JOIN (
          SELECT COUNT(*) AS n, CAST(MAX(id) AS SIGNED) AS last
          FROM (SELECT m.id FROM ${alone(MARKS, "m", "WHERE")} LIMIT ${sql.literal(String(MARKS_AT_MOST + 1))}) AS some
        ) AS marks
        LEFT JOIN ${on("bot_analytics_bots", "f")}
      ) AS granted`
      return { granted: table, columns }
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
     * Runs a statement over facts; none where they can't answer. One of its rows has the columns of `standing`; in any
     * other they may be null.
     */
    const query = (
      botId: BotId,
      statement: FactsStatement
    ): Effect.Effect<Option.Option<FactsAnswer>, AccessDenied | ServiceUnavailable, CurrentAdmin> =>
      Effect.gen(function* () {
        const current = yield* state.get
        if (current._tag === "Direct") return Option.none()
        const run = access.query(botId, (grant, tables) => statement(grant, tables, standing(grant, current.signature)))
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
