import * as SqlClient from "@effect/sql/SqlClient"
import type { Fragment } from "@effect/sql/Statement"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { kinds } from "../../Classification/Kinds.js"
import type { BotTables } from "../../Database/BotTables.js"
import { textExpressions } from "../../Database/Text.js"
import type { BotId } from "../../Domain/Ids.js"
import { columnExpressions } from "../../Tables/Expressions.js"
import { amountOf, type Fact, FactSum, METRICS, QUARTERS_IN_DAY } from "../Store/Fact.js"
import { NO_USER } from "./Users.js"

/** Users of a bot by their ids, as `bot_analytics_users` has them, each with their facts. */
type FactsOfUsers = ReadonlyMap<string, ReadonlyArray<Fact>>

const TruthRow = Schema.Tuple(
  Schema.String,
  Schema.Literal(...METRICS),
  Schema.String,
  Schema.NullOr(Schema.Int),
  Schema.String
)
const isTruthRow = Schema.is(TruthRow)

/** Quarters of an hour between the year 1, where MySQL's calendar begins, and 1970. */
const QUARTERS_BEFORE_1970 = 719_162 * QUARTERS_IN_DAY

/** What users' rows count as at this moment, worked out from the bots' tables: the truth that facts are held against. */
export const truth = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const text = yield* textExpressions
  const { amount, isPaid, status } = yield* columnExpressions
  const { isTrial, paymentKind } = yield* kinds

  // From a time before all others, so that a fraction of a second is cut off downwards, never towards 1970.
  const quarter = (time: Fragment) =>
    sql`TIMESTAMPDIFF(SECOND, '0001-01-01', ${time}) DIV 900 - ${sql.literal(String(QUARTERS_BEFORE_1970))}`

  const exact = (text: Fragment) => sql`CONVERT(${text} USING utf8mb4) COLLATE utf8mb4_bin`
  const nothing = sql`${exact(sql`''`)}`

  /**
   * The facts of these users, one row each: user, metric, label, quarter, amount. `users` is a table with a column `unit`,
   * few rows: they come first, and the bots' rows are looked up in the indexes that start with bot and user.
   */
  const statement = (botId: BotId, users: Fragment, tables: BotTables) => {
    const unit = sql`CAST(who.unit AS CHAR)`
    const of = (alias: string) =>
      sql`${sql(`${alias}.bot_id`)} = ${botId} AND ${sql(`${alias}.user_id`)} <=> NULLIF(who.unit, ${sql.literal(NO_USER)})`
    const paid = isPaid(tables, "p")
    return sql`
      SELECT ${unit}, 'user', ${nothing}, ${quarter(sql`u.reg_date`)}, '0.00000000'
      FROM ${users} AS who STRAIGHT_JOIN users u ON ${of("u")}
      UNION ALL
      SELECT /*+ INDEX(p payments_bot_user) */ ${unit}, CASE WHEN ${paid} THEN ${paymentKind(tables)} ELSE 'unpaid' END,
        CASE WHEN ${paid} THEN ${exact(sql`COALESCE(p.currency, '')`)} ELSE ${nothing} END, ${quarter(sql`p.date`)},
        CAST(CASE WHEN ${paid} THEN COALESCE(${amount(tables, "p")}, 0.00000000) ELSE 0.00000000 END AS CHAR)
      FROM ${users} AS who STRAIGHT_JOIN payments p ON ${of("p")}
      UNION ALL
      SELECT /*+ INDEX(s subscriptions_bot_user) */ ${unit}, 'trial', ${nothing}, ${quarter(sql`s.start_date`)}, '0.00000000'
      FROM ${users} AS who STRAIGHT_JOIN subscriptions s ON ${of("s")}
      WHERE s.start_date IS NOT NULL AND ${isTrial(tables)}
      UNION ALL
      SELECT /*+ INDEX(s subscriptions_bot_user) */ ${unit}, 'subscription', ${text.fold(sql`COALESCE(${status(tables, "subscriptions", "s")}, '')`)}, NULL, '0.00000000'
      FROM ${users} AS who STRAIGHT_JOIN subscriptions s ON ${of("s")}`
  }

  const read = (rows: ReadonlyArray<unknown>): FactsOfUsers => {
    const sums = new Map<string, FactSum>()
    const active = new Set<string>()
    for (const row of rows) {
      if (!isTruthRow(row)) throw new Error("A fact is not of the kind that the statement gives")
      const [unit, metric, label, quarter, amount] = row
      const sum = sums.get(unit) ?? new FactSum()
      sums.set(unit, sum)
      sum.add({ metric, label, quarter, n: 1, amount: amountOf(amount) })
      if (metric === "subscription" && label === "active" && unit !== NO_USER) active.add(unit)
    }
    for (const unit of active) sums.get(unit)?.add({ metric: "active", label: "", quarter: null, n: 1, amount: 0n })
    return new Map(Array.from(sums, ([unit, sum]) => [unit, sum.result()]))
  }

  return (botId: BotId, users: Fragment, tables: BotTables) => Effect.map(statement(botId, users, tables).values, read)
})
