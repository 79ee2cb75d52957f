import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import type { BotTables } from "../../Database/BotTables.js"
import type { BotId } from "../../Domain/Ids.js"
import type { Anchor } from "../../Follower/Place.js"
import { DayChanges } from "../Store/Counts.js"
import { decimalOf, type Fact } from "../Store/Fact.js"
import { type Changes, type Kept, keptRows } from "../Store/Kept.js"
import { sumRevenue, sumTotals } from "../Store/Sums.js"
import { type Change, changing, type UserChange } from "./Change.js"
import { orUnworkable } from "./Setbacks.js"
import { untraced, userIds } from "./Users.js"

/** Rows of one statement that writes. */
const ROWS_AT_ONCE = 500

const inBatches = <A, R>(
  rows: ReadonlyArray<A>,
  write: (rows: ReadonlyArray<A>) => Effect.Effect<unknown, SqlError, R>
): Effect.Effect<void, SqlError, R> =>
  Effect.forEach(Chunk.chunksOf(Chunk.fromIterable(rows), ROWS_AT_ONCE), (batch) => write(Chunk.toArray(batch)), {
    discard: true
  })

/** Writes by how much the facts of a bot have changed. To be run inside a transaction of src/Facts/Store/Kept.ts. */
const storing = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient

  const writeUsers = (botId: BotId, users: ReadonlyArray<UserChange>) =>
    Effect.zipRight(
      inBatches(
        users.flatMap(({ facts, user }) => (facts === undefined ? [] : [{ bot_id: botId, user_id: user, facts }])),
        (rows) =>
          sql`INSERT INTO bot_analytics_users ${sql.insert(rows)} ON DUPLICATE KEY UPDATE facts = VALUES(facts)`
            .unprepared
      ),
      inBatches(
        users.flatMap(({ facts, user }) => (facts === undefined ? [user] : [])),
        (gone) =>
          untraced(
            sql`DELETE FROM bot_analytics_users WHERE bot_id = ${botId} AND user_id IN (${userIds(sql, gone)})`
              .unprepared
          )
      )
    )

  const writeDays = (botId: BotId, difference: ReadonlyArray<Fact>) =>
    Effect.gen(function* () {
      const changes = new DayChanges()
      for (const fact of difference) changes.add(fact)
      yield* inBatches(changes.keys(), (days) =>
        Effect.gen(function* () {
          const found = yield* sql<{ readonly day: number; readonly counts: Buffer }>`
            SELECT day, counts FROM bot_analytics_days WHERE bot_id = ${botId} AND day IN ${sql.in(days)}`.unprepared
          const before = new Map(found.map(({ counts, day }) => [day, counts]))
          const rows = days.map((day) => ({ bot_id: botId, day, counts: changes.apply(day, before.get(day)) }))
          yield* sql`
            INSERT INTO bot_analytics_days ${sql.insert(rows)}
            ON DUPLICATE KEY UPDATE counts = VALUES(counts)`.unprepared
        })
      )
    })

  const writeTotals = (botId: BotId, difference: ReadonlyArray<Fact>) =>
    inBatches(
      sumTotals(difference),
      (totals) =>
        sql`
          INSERT INTO bot_analytics_totals
            ${sql.insert(totals.map((total) => ({ bot_id: botId, ...total, amount: decimalOf(total.amount) })))}
          ON DUPLICATE KEY UPDATE n = n + VALUES(n), amount = amount + VALUES(amount)`.unprepared
    )

  const writeRevenue = (botId: BotId, difference: ReadonlyArray<Fact>) =>
    inBatches(
      sumRevenue(difference),
      (revenue) =>
        sql`
          INSERT INTO bot_analytics_revenue
            ${sql.insert(revenue.map((one) => ({ bot_id: botId, ...one, amount: decimalOf(one.amount) })))}
          ON DUPLICATE KEY UPDATE amount = amount + VALUES(amount)`.unprepared
    )

  return (botId: BotId, { difference, users }: Change) =>
    Effect.gen(function* () {
      yield* writeUsers(botId, users)
      yield* writeDays(botId, difference)
      yield* writeTotals(botId, difference)
      yield* writeRevenue(botId, difference)
    })
})

/** Users of one transaction. */
const USERS_AT_ONCE = 2000

/**
 * Brings the kept facts of a bot forward. It only reads the bots' tables, and without locks. Who is folded twice changes
 * nothing the second time, so it may be done while the facts are being built.
 */
export const folding = Effect.gen(function* () {
  const { write } = yield* keptRows
  const { change, culprit } = yield* changing
  const store = yield* storing

  /** Works the users out in one transaction, which leaves the bot's row with these changes. */
  const foldUsers = (kept: Kept, users: ReadonlyArray<string>, tables: BotTables, changes: Changes) =>
    orUnworkable(
      kept.botId,
      Effect.as(
        write(
          kept,
          change(kept.botId, users, tables),
          () => changes,
          (change) => store(kept.botId, change)
        ),
        { ...kept, folds: kept.folds + 1 } satisfies Kept
      ),
      culprit(kept.botId, users, tables)
    )

  /** Takes in all that has changed up to `upTo`; these users' rows and no others have, since the kept anchor. */
  const fold = (kept: Kept, users: ReadonlyArray<string>, upTo: Anchor, tables: BotTables) =>
    Effect.gen(function* () {
      const parts = Chunk.toReadonlyArray(Chunk.chunksOf(Chunk.fromIterable(users), USERS_AT_ONCE))
      let now = kept
      for (const [index, part] of parts.entries()) {
        const isLast = index === parts.length - 1
        now = yield* foldUsers(now, Chunk.toArray(part), tables, isLast ? { anchor: upTo } : {})
      }
    })

  return { fold, foldUsers } as const
})
