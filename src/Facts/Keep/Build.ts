import * as SqlClient from "@effect/sql/SqlClient"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { affectedRows } from "../../Database/Affected.js"
import type { BotTables } from "../../Database/BotTables.js"
import type { BotId } from "../../Domain/Ids.js"
import type { Anchor } from "../../Follower/Place.js"
import { Fenced, FORMAT, type Kept, keptRows } from "../Store/Kept.js"
import { FACTS } from "../Store/Tables.js"
import { folding } from "./Fold.js"
import { NO_USER, usersInOrder } from "./Users.js"

/** Users of one transaction. */
const USERS_AT_ONCE = 2000

/** Rows of one DELETE of a bot's old facts. */
const ROWS_AT_ONCE = 10_000

/**
 * Builds the facts of a bot from all of its rows, while the bots go on writing. Users are worked out some at a time in the
 * order of their ids, each time in a snapshot that is younger than the anchor; who changes meanwhile is folded. Killed half
 * way, it goes on from there.
 */
export const building = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { foldUsers } = yield* folding
  const { move, one, open, write } = yield* keptRows
  const usersAfter = yield* usersInOrder

  const current = (botId: BotId) =>
    Effect.flatMap(
      one(botId),
      Option.match({ onNone: () => Effect.fail(new Fenced({ botId })), onSome: Effect.succeed })
    )

  const next = (kept: Kept): Kept => ({ ...kept, folds: kept.folds + 1 })

  /** Deletes what another version kept, or what was left of a bot without a row. */
  const empty = (kept: Kept) =>
    Effect.gen(function* () {
      let now = kept
      for (const table of FACTS) {
        let rows = ROWS_AT_ONCE
        while (rows === ROWS_AT_ONCE) {
          const { botId } = kept
          yield* write(
            now,
            Effect.void,
            () => ({}),
            () =>
              Effect.map(
                affectedRows(
                  sql`DELETE FROM ${sql(table)} WHERE bot_id = ${botId} LIMIT ${sql.literal(String(ROWS_AT_ONCE))}`
                ),
                (deleted) => {
                  rows = deleted
                }
              )
          )
          now = next(now)
        }
      }
      yield* move(now, { format: FORMAT, built_to: null, built_at: null })
      return yield* current(kept.botId)
    })

  /** The bot's row, with no facts of another format. It is there before the first snapshot, for others to see. */
  const begin = (botId: BotId) =>
    Effect.gen(function* () {
      if (Option.isNone(yield* one(botId))) yield* open(botId)
      const kept = yield* current(botId)
      return kept.isOurFormat ? kept : yield* empty(kept)
    })

  /** Works out the next users. `anchor` is that of an own committed write. */
  const step = (botId: BotId, anchor: Anchor, tables: BotTables) =>
    Effect.gen(function* () {
      const kept = yield* begin(botId)
      if (kept.isBuilt) return { users: 0, complete: true }
      const users = yield* usersAfter(botId, kept.builtTo ?? NO_USER, USERS_AT_ONCE)
      const complete = users.length < USERS_AT_ONCE
      // Rows without a user are few or none: they are looked for once.
      const units = kept.isEmpty ? [NO_USER, ...users] : users
      yield* foldUsers(kept, units, tables, {
        ...(kept.isEmpty ? { anchor } : {}),
        built_to: units[units.length - 1] ?? kept.builtTo,
        ...(complete ? { built_at: new Date(yield* Clock.currentTimeMillis) } : {})
      })
      return { users: users.length, complete }
    })

  return { step } as const
})
