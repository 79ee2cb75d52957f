import * as SqlClient from "@effect/sql/SqlClient"
import type { Fragment } from "@effect/sql/Statement"
import * as Chunk from "effect/Chunk"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import { affectedRows } from "../../Database/Affected.js"
import { inTransaction } from "../../Database/OwnConnection.js"
import type { BotId } from "../../Domain/Ids.js"
import * as Place from "../../Follower/Place.js"
import { globalAnchor } from "./Lease.js"
import { KEPT } from "./Tables.js"

/** Of what is kept. To be raised where an older version's facts are not those of this one: they are built anew. */
export const FORMAT = 2
/** Of facts that are to be deleted, and built anew from nothing. */
const NO_FORMAT = 0

/** How the facts of a bot stand: a row of `bot_analytics_kept`. */
export interface Kept {
  readonly botId: BotId
  /** Facts of another format are to be deleted. */
  readonly isOurFormat: boolean
  /** Moved by whoever writes the bot's facts: who finds it elsewhere than he left it has worked in vain. */
  readonly folds: number
  /** F: they have taken in the log up to there. */
  readonly anchor: Option.Option<Place.Anchor>
  /** Being built, users are in up to this one. */
  readonly builtTo: string | null
  readonly isBuilt: boolean
  /** No user is in yet: what stands in its anchor says nothing. */
  readonly isEmpty: boolean
}

interface KeptRow {
  readonly bot_id: BotId
  readonly format: number
  readonly folds: number
  readonly anchor: string | null
  readonly built_to: string | null
  readonly built: number
}

/** Somebody else has written the bot's facts meanwhile: all that was worked out from them is of no use. */
export class Fenced extends Data.TaggedError("Fenced")<{ readonly botId: BotId }> {}

/**
 * The later one, in the same log. What is said of all bots is said of those too whose own anchor is older; of a bot without
 * one it says nothing.
 */
export const effective = (
  own: Option.Option<Place.Anchor>,
  ofAll: Option.Option<Place.Anchor>
): Option.Option<Place.Anchor> =>
  Option.map(own, (anchor) =>
    Option.match(ofAll, {
      onNone: () => anchor,
      onSome: (all) => (all.server === anchor.server && Place.isAfter(all, anchor) ? all : anchor)
    })
  )

export interface Changes {
  readonly format?: typeof FORMAT | typeof NO_FORMAT
  readonly anchor?: Place.Anchor
  readonly built_to?: string | null
  readonly built_at?: Date | null
}

const toKept = ({ anchor, bot_id, built, built_to, folds, format }: KeptRow): Kept => ({
  botId: bot_id,
  isOurFormat: format === FORMAT,
  folds,
  anchor: Option.flatMap(Option.fromNullable(anchor), Place.parseAnchor),
  builtTo: built_to,
  isBuilt: built === 1 && format === FORMAT,
  isEmpty: format !== FORMAT || (built === 0 && built_to === null)
})

const BOTS_AT_ONCE = 1000

/** The largest number of which each smaller one is a number of JavaScript's, with room to count from there. */
const FIRST_FOLDS = 2 ** 52

export const keptRows = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient

  const read = (condition: Fragment) =>
    Effect.map(
      sql<KeptRow>`
        SELECT bot_id, format, folds, anchor, CAST(built_to AS CHAR) AS built_to, built_at IS NOT NULL AS built
        FROM ${sql(KEPT)} WHERE ${condition} ORDER BY bot_id`.unprepared,
      (rows) => rows.map(toKept)
    )

  const all = read(sql`TRUE`)

  const of = (bots: ReadonlyArray<BotId>) =>
    Effect.map(
      Effect.forEach(Chunk.chunksOf(Chunk.fromIterable(bots), BOTS_AT_ONCE), (some) =>
        read(sql`bot_id IN ${sql.in(Chunk.toArray(some))}`)
      ),
      (parts) => parts.flat()
    )

  const one = (botId: BotId) => Effect.map(of([botId]), ([row]) => Option.fromNullable(row))

  /** A row for a bot without one, whose facts are still to be emptied. Its counter is none that there was before. */
  const open = (botId: BotId) =>
    Effect.flatMap(
      Random.nextIntBetween(0, FIRST_FOLDS),
      (folds) => sql`INSERT IGNORE INTO ${sql(KEPT)} (bot_id, format, folds) VALUES (${botId}, ${NO_FORMAT}, ${folds})`
    )

  const move = ({ botId, folds }: Kept, { anchor, ...others }: Changes) =>
    Effect.gen(function* () {
      const set = {
        folds: folds + 1,
        ...others,
        ...(anchor === undefined ? {} : { anchor: Place.formatAnchor(anchor) })
      }
      const rows = yield* affectedRows(
        sql`UPDATE ${sql(KEPT)} SET ${sql.update(set)} WHERE bot_id = ${botId} AND folds = ${folds}`
      )
      if (rows === 0) return yield* new Fenced({ botId })
    })

  /**
   * One transaction that writes facts of the bot, and all of them are this. `kept` was read before it: so what `work` reads
   * is what was there then, or the transaction fails. The UPDATE sees the newest row, and comes before any other write.
   */
  const write = <A, E, R, E2, R2>(
    kept: Kept,
    work: Effect.Effect<A, E, R>,
    changes: (worked: A) => Changes,
    store: (worked: A) => Effect.Effect<unknown, E2, R2>
  ) =>
    inTransaction(
      Effect.gen(function* () {
        const worked = yield* work
        yield* move(kept, changes(worked))
        yield* store(worked)
        return worked
      })
    )

  /**
   * To be built anew: what the rows are is not known from what is kept. The anchor stays, for those who begin to read the
   * log before it has another one.
   */
  const doubt = (kept: Kept) => move(kept, { built_to: null, built_at: null })

  /** To be built anew from nothing: not even the sums of what is kept are known to be right. */
  const discard = (kept: Kept) => move(kept, { format: NO_FORMAT, built_to: null, built_at: null })

  /** Up to where the log has been taken in, of each bot that has facts. */
  const anchors = Effect.map(Effect.all([all, globalAnchor]), ([rows, ofAll]) =>
    rows.flatMap(({ anchor, isOurFormat }) => (isOurFormat ? Option.toArray(effective(anchor, ofAll)) : []))
  )

  return { all, of, one, open, move, write, doubt, discard, anchors } as const
})
