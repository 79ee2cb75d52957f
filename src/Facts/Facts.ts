import * as SqlClient from "@effect/sql/SqlClient"
import type { Row } from "@effect/sql/SqlConnection"
import { SqlError } from "@effect/sql/SqlError"
import type { Fragment, Statement } from "@effect/sql/Statement"
import type * as Array from "effect/Array"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { BotAccess } from "../Access/BotAccess.js"
import type { Grant } from "../Access/Grant.js"
import type { BotTables } from "../Database/BotTables.js"
import type { RowReader } from "../Database/Driver.js"
import { isDenied, orUnavailable, reasonOf } from "../Database/Failure.js"
import { LEASES } from "../Database/Lease.js"
import { Pool } from "../Database/Pool.js"
import { Readiness } from "../Database/Readiness.js"
import type { CurrentAdmin } from "../Domain/CurrentAdmin.js"
import type { AccessDenied, ServiceUnavailable } from "../Domain/Errors.js"
import type { BotId } from "../Domain/Ids.js"
import * as Follower from "../Follower/Follower.js"
import * as Place from "../Follower/Place.js"
import { bind } from "../Tables/Bound.js"
import { changing } from "./Keep/Change.js"
import { KeeperLive } from "./Keep/Keeper.js"
import { orUnworkable, type Unworkable } from "./Keep/Setbacks.js"
import { unitsOf } from "./Keep/Users.js"
import type { Followed } from "./Setup/Followed.js"
import { FactsState, type Source } from "./State.js"
import type { Fact } from "./Store/Fact.js"
import { effective, FORMAT } from "./Store/Kept.js"
import { FACTS_LEASE } from "./Store/Lease.js"
import { KEPT } from "./Store/Tables.js"

/** More users than these are not looked up: all of the bot's rows are quicker then. */
const USERS_AT_MOST = 5000

/** For the log's end and what is to be read up to there, together: about what the rows take. */
const PATIENCE = Duration.seconds(1)

/** Facts may be brought forward again and again between a snapshot and its answer. */
const ATTEMPTS = 3

/** What every statement over facts tells beside its own columns. */
const StandingRow = Schema.Struct({
  built: Schema.Literal(0, 1),
  anchor: Schema.NullOr(Schema.String),
  anchor_of_all: Schema.NullOr(Schema.String),
  server: Schema.String
})
const decode = Schema.decodeUnknown(StandingRow)

/** The columns that tell how a bot's facts stand. */
export const STANDING = ["built", "anchor", "anchor_of_all", "server"] as const

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

/** What is to be made of facts that a statement has read. */
type Verdict =
  /** They are the truth of its moment. */
  | { readonly _tag: "Right" }
  /** These users' rows have changed since. */
  | { readonly _tag: "Changed"; readonly users: ReadonlyArray<string> }
  /** What has changed since is not known any more: facts have gone on. */
  | { readonly _tag: "Stale" }
  | { readonly _tag: "Useless" }

const useless: Verdict = { _tag: "Useless" }

/**
 * Reads figures that are kept up to date, exact at the moment of the response. Facts have taken in the server's log up to
 * their anchor. So what a statement has seen of them is the truth, where the log, read up to its end after the statement,
 * tells of no change since. Where it tells of some, the statement is run again in a snapshot, with what those users' rows
 * count as there. It waits a moment for the log and else for nobody, and writes nothing.
 */
export class Facts extends Effect.Service<Facts>()("app/Facts", {
  effect: Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const pool = yield* Pool
    const readiness = yield* Readiness
    const access = yield* BotAccess
    const state = yield* FactsState
    const { change } = yield* changing

    const columns: Standing["columns"] = {
      built: sql`granted.built`,
      anchor: sql`granted.anchor`,
      anchor_of_all: sql`granted.anchor_of_all`,
      server: sql`granted.server`
    }
    // It says nothing of a bot that is not said of all.
    const ofAll = sql.literal(bind(`(SELECT anchor FROM ${LEASES} WHERE name = '${FACTS_LEASE}')`))

    const standing = ({ granted, on }: Grant, { serverExpression }: Followed): Standing => ({
      granted: sql`(
        SELECT granted.bot_id AS bot_id, f.built_at IS NOT NULL AND f.format = ${sql.literal(String(FORMAT))} AS built,
          f.anchor AS anchor, ${ofAll} AS anchor_of_all, ${sql.literal(serverExpression)} AS server
        FROM ${granted} LEFT JOIN ${on(KEPT, "f")}
      ) AS granted`,
      columns
    })

    /** Up to where the facts in these rows have taken in the log: none where there are none, or another server answered. */
    const anchorIn = (rows: ReadonlyArray<Row>) =>
      // Which row of a UNION comes first is the server's choice.
      Effect.map(Effect.orDie(decode(rows.find(({ built }) => typeof built === "number"))), (row) => {
        if (row.built === 0) return Option.none<Place.Anchor>()
        const parse = (text: string | null) => Option.flatMap(Option.fromNullable(text), Place.parseAnchor)
        const anchor = effective(parse(row.anchor), parse(row.anchor_of_all))
        return Option.filter(anchor, ({ server }) => server === row.server)
      })

    const found = (source: Source, answer: FactsAnswer) => {
      state.answers[source]++
      return Option.some(answer)
    }

    /** What is waited for in vain is waited for longest. */
    const timed = <A, E, R>(self: Effect.Effect<A, E, R>) =>
      Effect.flatMap(Effect.timed(Effect.exit(self)), ([duration, exit]) => {
        state.waits.count++
        state.waits.seconds += Duration.toSeconds(duration)
        return exit
      })

    /** To be asked once the log has been read up to its end. */
    const judge = ({ distrust, follower }: Followed, botId: BotId, anchor: Place.Anchor) =>
      Effect.map(distrust(anchor), (doubt): Verdict => {
        if (Option.isSome(doubt)) return useless
        const changed = follower.changed(String(botId), anchor)
        if (changed._tag === "Stale") return { _tag: "Stale" }
        if (changed._tag === "All" || changed.users.length > USERS_AT_MOST) return useless
        const users = unitsOf(changed.users)
        if (users === undefined) return useless
        return users.length === 0 ? { _tag: "Right" } : { _tag: "Changed", users }
      })

    // Somebody changed our own tables: the bots' rows are still there.
    const broken = (reason: string) =>
      Effect.logWarning(`Facts can't be read: ${reason}`).pipe(
        Effect.zipRight(state.wake),
        Effect.as(Option.none<FactsAnswer>())
      )

    /** From the rows, then, at once. */
    const without = Effect.succeed(Option.none<FactsAnswer>())

    /**
     * Runs a statement over facts; none where they can't answer. One of its rows has the columns of `standing`; in any
     * other they may be null.
     */
    const query = (
      botId: BotId,
      statement: FactsStatement,
      reader?: () => RowReader
    ): Effect.Effect<Option.Option<FactsAnswer>, AccessDenied | ServiceUnavailable, CurrentAdmin> =>
      Effect.gen(function* () {
        const current = yield* state.get
        if (current._tag === "Rows") return Option.none()
        const { followed } = current
        if ((yield* followed.hindrance) !== undefined) return Option.none()
        const run = access.query(botId, (grant, tables) => statement(grant, tables, standing(grant, followed)), reader)
        const rows = yield* run
        const anchor = yield* anchorIn(rows)
        if (Option.isNone(anchor)) return yield* Effect.as(state.wake, Option.none())
        yield* timed(orRows(followed.follower.upToDateShared(PATIENCE)))
        const verdict = yield* judge(followed, botId, anchor.value)
        switch (verdict._tag) {
          case "Right":
            return found("facts", { rows, difference: [] })
          case "Useless":
            return yield* Effect.as(state.wake, Option.none())
          default:
            return yield* corrected(botId, run, followed)
        }
      }).pipe(
        Effect.catchTags({ NotFollowing: () => without, Unworkable: ({ reason }) => broken(reason) }),
        Effect.catchSomeDefect((defect) =>
          defect instanceof SqlError ? Option.some(broken(reasonOf(defect))) : Option.none()
        ),
        Effect.tap((answer) => Effect.sync(() => void (Option.isNone(answer) && state.answers.rows++)))
      )

    /** Without the right to ask for the log's end any more, nothing is known of it. */
    const orRows = <A, R>(self: Effect.Effect<A, Follower.NotFollowing | SqlError, R>) =>
      orUnavailable(
        Effect.catchIf(
          self,
          (error) => error._tag === "SqlError" && isDenied(error),
          () => new Follower.NotFollowing({ why: "lost", reason: "the log's end may not be asked for" })
        )
      )

    /** The same once more, and the difference that changed rows make, both of one moment. */
    const corrected = (
      botId: BotId,
      run: Effect.Effect<Array.NonEmptyReadonlyArray<Row>, AccessDenied | ServiceUnavailable, CurrentAdmin>,
      followed: Followed,
      attempts = ATTEMPTS
    ): Effect.Effect<
      Option.Option<FactsAnswer>,
      AccessDenied | ServiceUnavailable | Follower.NotFollowing | Unworkable,
      CurrentAdmin
    > => {
      const { distrust, follower } = followed
      const upToDate = orRows(Effect.provideService(follower.upToDate(PATIENCE), SqlClient.SqlClient, sql))
      const attempt = Effect.gen(function* () {
        const rows = yield* run
        const anchor = yield* anchorIn(rows)
        if (Option.isNone(anchor)) return { verdict: useless, answer: Option.none<FactsAnswer>() }
        yield* timed(upToDate)
        const verdict = yield* judge(followed, botId, anchor.value)
        if (verdict._tag === "Right") return { verdict, answer: found("facts", { rows, difference: [] }) }
        if (verdict._tag !== "Changed") return { verdict, answer: Option.none<FactsAnswer>() }
        const { difference } = yield* orUnworkable(botId, change(botId, verdict.users, yield* readiness.tables))
        // A snapshot shows what DDL has done since it was taken: the log may tell of some by now.
        yield* timed(upToDate)
        if (Option.isSome(yield* distrust(anchor.value)))
          return { verdict: useless, answer: Option.none<FactsAnswer>() }
        return { verdict, answer: found("facts_and_rows", { rows, difference }) }
      })
      return Effect.flatMap(orUnavailable(pool.snapshot(attempt)), ({ answer, verdict }) => {
        if (verdict._tag === "Stale" && attempts > 1) return corrected(botId, run, followed, attempts - 1)
        return Option.isNone(answer) ? Effect.as(state.wake, answer) : Effect.succeed(answer)
      })
    }

    return { query } as const
  })
}) {
  /** With its keeper in the background. */
  static readonly Live = Layer.merge(Facts.Default, KeeperLive)
}
