import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import type { BotTables } from "../../Database/BotTables.js"
import { inTransaction } from "../../Database/OwnConnection.js"
import type { BotId } from "../../Domain/Ids.js"
import { DayChanges } from "../Store/Counts.js"
import { decimalOf, type Fact } from "../Store/Fact.js"
import { sumRevenue, sumTotals } from "../Store/Sums.js"
import { MARKS } from "../Store/Tables.js"
import { changing, marked, type UserChange } from "./Change.js"
import { userIds } from "./Users.js"

/** So many marks are folded at once: few enough to take a moment, many enough to keep up with an import. */
const MARKS_AT_ONCE = 4000

/** Rows of one statement that writes. */
const ROWS_AT_ONCE = 500

const inBatches = <A, R>(
  rows: ReadonlyArray<A>,
  write: (rows: ReadonlyArray<A>) => Effect.Effect<unknown, SqlError, R>
): Effect.Effect<void, SqlError, R> =>
  Effect.forEach(Chunk.chunksOf(Chunk.fromIterable(rows), ROWS_AT_ONCE), (batch) => write(Chunk.toArray(batch)), {
    discard: true
  })

/**
 * Brings the facts of a bot up to date with its marks, so many of them at once, and returns how many it took. To be run
 * under the lock (src/Facts/Store/Lock.ts).
 *
 * It only reads the bots' tables, and without locks. Marks are deleted after the facts are committed. A mark that is folded
 * twice changes nothing the second time.
 */
export const folding = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const changeOf = yield* changing

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
          sql`DELETE FROM bot_analytics_users WHERE bot_id = ${botId} AND user_id IN (${userIds(sql, gone)})`.unprepared
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

  const someMarks = (botId: BotId) =>
    Effect.map(
      sql<{ readonly id: number }>`
        SELECT id FROM ${sql(MARKS)} WHERE bot_id = ${botId} ORDER BY id LIMIT ${String(MARKS_AT_ONCE)}`,
      (rows) => rows.map(({ id }) => id)
    )

  const applyMarks = (botId: BotId, tables: BotTables) =>
    Effect.gen(function* () {
      const marks = yield* someMarks(botId)
      const last = marks[marks.length - 1]
      if (last === undefined) return marks
      const { difference, users } = yield* changeOf(botId, marked(sql, botId, last), tables)
      yield* writeUsers(botId, users)
      yield* writeDays(botId, difference)
      yield* writeTotals(botId, difference)
      yield* writeRevenue(botId, difference)
      return marks
    })

  // By their full keys, so that a mark that a writer is about to commit is never waited for.
  const remove = (botId: BotId, marks: ReadonlyArray<number>) =>
    Effect.as(
      inBatches(
        marks,
        (ids) => sql`DELETE FROM ${sql(MARKS)} WHERE bot_id = ${botId} AND id IN ${sql.in(ids)}`.unprepared
      ),
      marks.length
    )

  const fold = (botId: BotId, tables: BotTables) =>
    Effect.flatMap(inTransaction(applyMarks(botId, tables)), (marks) => remove(botId, marks))

  /** Marks of a bot without facts mean nothing: its facts will be built later than these writes. */
  const drop = (botId: BotId) => Effect.flatMap(someMarks(botId), (marks) => remove(botId, marks))

  /** Folds what is marked, of every bot, until nothing is. */
  const foldEverything = (tables: BotTables) =>
    Effect.gen(function* () {
      const found = yield* sql<{ readonly bot_id: BotId; readonly has_facts: number }>`
        SELECT marked.bot_id AS bot_id, f.bot_id IS NOT NULL AS has_facts
        FROM (SELECT DISTINCT bot_id FROM ${sql(MARKS)}) AS marked
        LEFT JOIN bot_analytics_bots f ON f.bot_id = marked.bot_id`
      for (const { bot_id, has_facts } of found) {
        const some = has_facts === 1 ? fold(bot_id, tables) : drop(bot_id)
        yield* Effect.iterate(1, { while: (taken) => taken > 0, body: () => some })
      }
    })

  return { fold, foldEverything } as const
})
