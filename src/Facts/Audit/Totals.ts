import * as SqlClient from "@effect/sql/SqlClient"
import type { Fragment } from "@effect/sql/Statement"
import * as Effect from "effect/Effect"
import type { BotTables } from "../../Database/BotTables.js"
import { textExpressions } from "../../Database/Text.js"
import type { BotId } from "../../Domain/Ids.js"
import { columnExpressions } from "../../Tables/Expressions.js"
import { amountOf } from "../Store/Fact.js"
import { addUpTotals, minus, type Total } from "../Store/Sums.js"

interface TotalRow {
  readonly metric: string
  readonly label: string
  readonly n: number
  readonly amount: string
}

const toTotal = (row: TotalRow): Total => ({ ...row, n: Number(row.n), amount: amountOf(row.amount) })

/** By how much the sums of all rows of a bot differ from the kept ones: all but who is active, which is no sum of rows. */
export const totals = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const text = yield* textExpressions
  const { amount, hasAmount, status } = yield* columnExpressions

  const read = (statement: Fragment) => Effect.map(sql<TotalRow>`${statement}`.unprepared, (rows) => rows.map(toTotal))

  const kept = (botId: BotId) =>
    read(sql`
      SELECT metric, label, n, CAST(amount AS CHAR) AS amount FROM bot_analytics_totals
      WHERE bot_id = ${botId} AND metric <> 'active'`)

  // Exactly as they stand, blanks at the end aside: what a group is, is worked out once for all of its rows.
  const exact = (label: Fragment) => sql`CONVERT(COALESCE(${label}, '') USING utf8mb4) COLLATE utf8mb4_bin`

  const ofRows = (botId: BotId, tables: BotTables) =>
    Effect.map(
      read(sql`
        SELECT 'user' AS metric, ${exact(sql`''`)} AS label, COUNT(*) AS n, '0.00000000' AS amount
        FROM users u WHERE u.bot_id = ${botId}
        UNION ALL
        SELECT 'subscription', ${text.fold(sql`g.status`)}, g.n, '0.00000000'
        FROM (
          SELECT ${exact(status(tables, "subscriptions", "s"))} AS status, COUNT(*) AS n
          FROM subscriptions s WHERE s.bot_id = ${botId} GROUP BY 1
        ) AS g
        UNION ALL
        SELECT CASE WHEN g.known AND ${text.fold(sql`g.status`)} = 'paid' THEN 'revenue' ELSE 'unpaid' END, g.currency, g.n, CAST(CAST(g.amount AS DECIMAL(65, 8)) AS CHAR)
        FROM (
          SELECT /*+ INDEX(p payments_bot_date) */ ${exact(status(tables, "payments", "p"))} AS status,
            ${exact(sql`p.currency`)} AS currency, ${hasAmount(tables, "p") ?? sql`TRUE`} AS known,
            COUNT(*) AS n, COALESCE(SUM(${amount(tables, "p")}), 0) AS amount
          FROM payments p WHERE p.bot_id = ${botId} GROUP BY 1, 2, 3
        ) AS g`),
      // A payment of any status is a bill.
      (rows) =>
        rows.flatMap((row): ReadonlyArray<Total> => {
          const bill: Total = { metric: "bill", label: "", n: row.n, amount: 0n }
          if (row.metric === "unpaid") return [bill]
          return row.metric === "revenue" ? [row, bill] : [row]
        })
    )

  /** `known`: by how much the kept ones are about to change. */
  return (botId: BotId, tables: BotTables, known: ReadonlyArray<Total>) =>
    Effect.map(Effect.all([ofRows(botId, tables), kept(botId)]), ([right, before]) =>
      addUpTotals([...right, ...[...before, ...known].map(minus)]).filter(({ metric }) => metric !== "active")
    )
})
