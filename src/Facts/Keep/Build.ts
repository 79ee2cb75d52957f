import * as SqlClient from "@effect/sql/SqlClient"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { BotTables } from "../../Database/BotTables.js"
import type { BotId } from "../../Domain/Ids.js"
import { MARKS, TABLES } from "../Store/Tables.js"
import { NO_USER } from "../Store/Triggers.js"
import { folding } from "./Fold.js"
import { usersInOrder } from "./Users.js"

/** So many users are marked at once. */
const USERS_AT_ONCE = 2000

/** Rows of one DELETE of a bot's old facts. */
const ROWS_AT_ONCE = 10_000

/** Tables that hold a bot's facts. */
const FACTS = TABLES.filter((table) => table !== MARKS && table !== "bot_analytics_bots")

interface UnbuiltBot {
  readonly botId: BotId
  readonly users: number
}

interface Kept {
  readonly signature: string
  readonly marked_to: string | null
  readonly built: number
}

/**
 * Builds the facts of a bot from all of its rows, while the bots go on writing. Every user is marked, some at a time in the
 * order of their ids, and folded like those whom a writer marked. Once all are marked, the facts are exact, because a read
 * makes up for marks that are not folded yet. Killed half way, it goes on from there.
 */
export const building = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { fold, foldEverything } = yield* folding
  const usersAfter = yield* usersInOrder

  /** Deletes what is kept of a bot. Its row in `bot_analytics_bots` goes first, so that nobody reads the rest meanwhile. */
  const forget = (botId: BotId) =>
    Effect.gen(function* () {
      yield* sql`DELETE FROM bot_analytics_bots WHERE bot_id = ${botId}`
      for (const table of FACTS) {
        yield* Effect.iterate(ROWS_AT_ONCE, {
          while: (rows) => rows === ROWS_AT_ONCE,
          body: () => deleteSome(table, botId)
        })
      }
    })

  const deleteSome = (table: string, botId: BotId) =>
    Effect.map(
      sql`DELETE FROM ${sql(table)} WHERE bot_id = ${botId} LIMIT ${sql.literal(String(ROWS_AT_ONCE))}`.raw,
      (result) => (result as { readonly affectedRows: number }).affectedRows
    )

  const foldAll = (botId: BotId, tables: BotTables) =>
    Effect.iterate(1, { while: (taken) => taken > 0, body: () => fold(botId, tables) })

  /** Marks and folds the next users. */
  const step = (botId: BotId, signature: string, tables: BotTables) =>
    Effect.gen(function* () {
      const [found] = yield* sql<Kept>`
        SELECT signature, CAST(marked_to AS CHAR) AS marked_to, built_at IS NOT NULL AS built
        FROM bot_analytics_bots WHERE bot_id = ${botId}`
      const fresh = found === undefined || found.signature !== signature
      if (fresh) {
        yield* forget(botId)
        yield* sql`INSERT INTO bot_analytics_bots (bot_id, signature) VALUES (${botId}, ${signature})`
      }
      const after = fresh ? null : found.marked_to
      const users = yield* usersAfter(botId, after ?? NO_USER, USERS_AT_ONCE)
      // Rows without a user are few or none: they are looked for once.
      const units = after === null ? [NO_USER, ...users] : users
      if (units.length > 0) {
        yield* sql`
          INSERT INTO ${sql(MARKS)} ${sql.insert(units.map((user_id) => ({ bot_id: botId, user_id })))}`.unprepared
        yield* sql`UPDATE bot_analytics_bots SET marked_to = ${units[units.length - 1] ?? NO_USER} WHERE bot_id = ${botId}`
        yield* foldAll(botId, tables)
      }
      const complete = users.length < USERS_AT_ONCE
      if (complete) {
        const now = new Date(yield* Clock.currentTimeMillis)
        yield* sql`UPDATE bot_analytics_bots SET built_at = ${now} WHERE bot_id = ${botId}`
      }
      return { users: users.length, complete }
    })

  /** The bots whose facts are not complete, with about how many users they have. */
  const unbuilt = (signature: string) =>
    sql<UnbuiltBot>`
      SELECT b.uid AS botId, (SELECT COUNT(*) FROM users u WHERE u.bot_id = b.uid) AS users FROM bots b
      LEFT JOIN bot_analytics_bots f ON f.bot_id = b.uid
      WHERE f.bot_id IS NULL OR f.signature <> ${signature} OR f.built_at IS NULL ORDER BY b.uid`

  /** Builds a bot's facts to the end, and tells how far it is; the other bots' writes go on to be folded. */
  const buildBot = (
    { botId, users }: UnbuiltBot,
    signature: string,
    tables: BotTables,
    tell: (line: string) => Effect.Effect<void>
  ) =>
    Effect.gen(function* () {
      const startedAt = yield* Clock.currentTimeMillis
      let done = 0
      let complete = false
      while (!complete) {
        const next = yield* step(botId, signature, tables)
        done += next.users
        complete = next.complete
        yield* tell(`Building the figures of bot ${botId}: ${done} of about ${users} users`)
        yield* foldEverything(tables)
      }
      const seconds = ((yield* Clock.currentTimeMillis) - startedAt) / 1000
      yield* Effect.logInfo(`Built the figures of bot ${botId}: ${done} users in ${seconds} s`)
    })

  return { unbuilt, buildBot, forget } as const
})
