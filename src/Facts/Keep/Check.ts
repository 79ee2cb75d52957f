import * as SqlClient from "@effect/sql/SqlClient"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { BotTables } from "../../Database/BotTables.js"
import type { BotId } from "../../Domain/Ids.js"
import type { Followed } from "../Setup/Followed.js"
import { DayChanges } from "../Store/Counts.js"
import { decimalOf, type Fact, FactSum } from "../Store/Fact.js"
import { keyOfRevenue, keyOfTotal, sumRevenue, sumTotals } from "../Store/Sums.js"
import { decodeFacts } from "../Store/UserFacts.js"
import { changing } from "./Change.js"
import { comparing } from "./Standing.js"
import { NO_USER, untraced, usersAsTable, usersInOrder } from "./Users.js"

const USERS_AT_ONCE = 1000

export type CheckReport =
  | { readonly _tag: "NotKept"; readonly reason: string }
  | {
      readonly _tag: "Kept"
      readonly users: number
      /** Whose rows have changed and wait to be folded: nothing is said of these users. */
      readonly waiting: number
      /** One line for each difference between what is kept and what the bots' rows say. */
      readonly differences: ReadonlyArray<string>
    }

/** For the log's end, and what is to be read up to there. */
export const PATIENCE = Duration.seconds(30)

/** Where two tables of figures differ, zeros left out. */
const compare = (name: string, kept: ReadonlyMap<string, string>, right: ReadonlyMap<string, string>) =>
  [...new Set([...kept.keys(), ...right.keys()])]
    .filter((key) => kept.get(key) !== right.get(key))
    .sort()
    .map((key) => `${name} ${key}: kept ${kept.get(key) ?? "nothing"}, it should be ${right.get(key) ?? "nothing"}`)

const isNothing = (counts: Buffer): boolean => counts.every((byte) => byte === 0)

/**
 * Holds the kept facts of a bot against its rows, user by user, and the sums against the users' facts, all of one moment.
 * The log tells who has changed since they were folded.
 * To be run on a connection of its own; the bots go on writing.
 */
export const checking = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { change } = yield* changing
  const usersAfter = yield* usersInOrder
  const compared = yield* comparing

  const keptFacts = (botId: BotId, users: ReadonlyArray<string>) =>
    untraced(
      Effect.map(
        sql<{ readonly facts: string }>`
        SELECT kept.facts AS facts FROM ${usersAsTable(sql, users)} AS who
        JOIN bot_analytics_users kept ON kept.bot_id = ${botId} AND kept.user_id = who.unit`.unprepared,
        (rows) => rows.flatMap(({ facts }) => decodeFacts(facts))
      )
    )

  const checkTotals = (botId: BotId, facts: ReadonlyArray<Fact>) =>
    Effect.map(
      sql<{ readonly metric: string; readonly label: string; readonly n: number; readonly amount: string }>`
        SELECT metric, label, n, CAST(amount AS CHAR) AS amount FROM bot_analytics_totals
        WHERE bot_id = ${botId} AND (n <> 0 OR amount <> 0)`,
      (rows) =>
        compare(
          "total",
          new Map(rows.map((row) => [keyOfTotal(row), `${row.n} ${row.amount}`])),
          new Map(sumTotals(facts).map((sum) => [keyOfTotal(sum), `${sum.n} ${decimalOf(sum.amount)}`]))
        )
    )

  const checkRevenue = (botId: BotId, facts: ReadonlyArray<Fact>) =>
    Effect.map(
      sql<{ readonly width: number; readonly start: number; readonly currency: string; readonly amount: string }>`
        SELECT width, start, currency, CAST(amount AS CHAR) AS amount FROM bot_analytics_revenue
        WHERE bot_id = ${botId} AND amount <> 0`,
      (rows) =>
        compare(
          "revenue",
          new Map(rows.map((row) => [keyOfRevenue(row), row.amount])),
          new Map(
            sumRevenue(facts).flatMap((sum) => (sum.amount === 0n ? [] : [[keyOfRevenue(sum), decimalOf(sum.amount)]]))
          )
        )
    )

  const checkDays = (botId: BotId, facts: ReadonlyArray<Fact>) =>
    Effect.map(
      sql<{ readonly day: number; readonly counts: Buffer }>`
        SELECT day, counts FROM bot_analytics_days WHERE bot_id = ${botId}`,
      (rows) => {
        const changes = new DayChanges()
        for (const fact of facts) changes.add(fact)
        const textOf = (day: number, counts: Buffer): ReadonlyArray<readonly [string, string]> =>
          isNothing(counts) ? [] : [[String(day), counts.toString("hex")]]
        return compare(
          "day",
          new Map(rows.flatMap(({ counts, day }) => textOf(day, counts))),
          new Map(changes.keys().flatMap((day) => textOf(day, changes.apply(day, undefined))))
        ).map((line) => line.replace(/: kept .*/, ": its counts are not those of the users' facts"))
      }
    )

  const compareAll = (botId: BotId, waiting: ReadonlySet<string>, tables: BotTables) =>
    Effect.gen(function* () {
      const sum = new FactSum()
      const differences: Array<string> = []
      let users: ReadonlyArray<string> = [NO_USER]
      let count = 0
      while (users.length > 0) {
        const { users: changed } = yield* change(botId, users, tables)
        for (const { user } of changed) {
          if (!waiting.has(user)) differences.push(`user ${user}: what is kept is not what the rows say`)
        }
        sum.addAll(yield* keptFacts(botId, users))
        count += users.length
        users = yield* usersAfter(botId, users[users.length - 1] ?? NO_USER, USERS_AT_ONCE)
      }
      const facts = sum.result()
      differences.push(...(yield* checkTotals(botId, facts)))
      differences.push(...(yield* checkRevenue(botId, facts)))
      differences.push(...(yield* checkDays(botId, facts)))
      return { _tag: "Kept", users: count - 1, waiting: waiting.size, differences } as CheckReport
    })

  const check = (botId: BotId, tables: BotTables, followed: Followed) =>
    Effect.map(
      compared(botId, followed, PATIENCE, ({ waiting }) => compareAll(botId, new Set(waiting), tables)),
      Either.getOrElse((reason): CheckReport => ({ _tag: "NotKept", reason }))
    )

  return check
})
