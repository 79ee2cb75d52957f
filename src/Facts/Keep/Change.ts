import * as SqlClient from "@effect/sql/SqlClient"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { BotTables } from "../../Database/BotTables.js"
import type { BotId } from "../../Domain/Ids.js"
import { type Fact, FactSum } from "../Store/Fact.js"
import { decodeFacts, encodeFacts } from "../Store/UserFacts.js"
import { truth } from "./Truth.js"
import { untraced, usersAsTable } from "./Users.js"

export interface UserChange {
  readonly user: string
  /** What the user's rows count as now, as `bot_analytics_users` keeps it; undefined where the user has no rows. */
  readonly facts: string | undefined
}

export interface Change {
  /** The users whose facts are other than those kept. */
  readonly users: ReadonlyArray<UserChange>
  /** By how much all figures together change. */
  readonly difference: ReadonlyArray<Fact>
}

/** So many users are looked up by one statement. */
const USERS_AT_ONCE = 1000

/**
 * By how much the kept facts of some users differ from the truth. Of one moment only inside a transaction that sees one
 * state of the database.
 */
export const changing = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const truthOf = yield* truth

  const change = (botId: BotId, users: ReadonlyArray<string>, tables: BotTables) =>
    Effect.gen(function* () {
      const changed: Array<UserChange> = []
      const difference = new FactSum()
      for (const some of Chunk.chunksOf(Chunk.fromIterable(users), USERS_AT_ONCE)) {
        const who = usersAsTable(sql, Chunk.toArray(some))
        const now = yield* truthOf(botId, who, tables)
        const kept = yield* sql<{ readonly unit: string; readonly facts: string | null }>`
          SELECT CAST(who.unit AS CHAR) AS unit, kept.facts AS facts
          FROM ${who} AS who
          LEFT JOIN bot_analytics_users kept ON kept.bot_id = ${botId} AND kept.user_id = who.unit`.unprepared
        for (const { facts: before, unit } of kept) {
          const after = now.get(unit)
          const text = after === undefined ? undefined : encodeFacts(after)
          if ((before ?? undefined) === text) continue
          changed.push({ user: unit, facts: text })
          if (before !== null) difference.addAll(decodeFacts(before), -1)
          if (after !== undefined) difference.addAll(after)
        }
      }
      return { users: changed, difference: difference.result() } satisfies Change
    }).pipe(untraced)

  /** One of these users whose rows can't be worked out: none where each alone can. */
  const culprit = (
    botId: BotId,
    users: ReadonlyArray<string>,
    tables: BotTables
  ): Effect.Effect<string | undefined, never, Effect.Effect.Context<ReturnType<typeof change>>> =>
    Effect.gen(function* () {
      if (Exit.isSuccess(yield* Effect.exit(change(botId, users, tables)))) return undefined
      if (users.length <= 1) return users[0]
      const half = Math.ceil(users.length / 2)
      const first = yield* culprit(botId, users.slice(0, half), tables)
      return first ?? (yield* culprit(botId, users.slice(half), tables))
    })

  return { change, culprit } as const
})
