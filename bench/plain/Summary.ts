import type { FastifyInstance } from "fastify"
import { botAccess, botIdOfPath } from "./Access.js"
import type { Database } from "./Database.js"
import { array, botId, integer, nullableString, number, object, parameters, string, text } from "./Schemas.js"

const revenue = { total_revenue: number, monthly_revenue: number, average_check: number }

const schema = {
  params: parameters({ bot_id: botId }, "bot_id"),
  querystring: parameters({ currency: text }),
  response: {
    200: object({
      total_users: integer,
      active_users: integer,
      new_users_month: integer,
      ...revenue,
      currency: nullableString,
      revenue_by_currency: array(object({ currency: string, payments: integer, ...revenue }))
    })
  }
}

interface Revenue {
  readonly currency: string
  readonly payments: number
  readonly total_revenue: number
  readonly monthly_revenue: number
  readonly average_check: number
}

const MONTH = 30 * 24 * 3_600_000

/**
 * Revenue by currency, most payments first. The mean has so many digits that its double is the nearest one. Without the
 * hint, MySQL fetches every row of the bot, though this index has all that is read: that took three times as long.
 */
const REVENUE = `
  SELECT UPPER(TRIM(currency)) AS currency, COUNT(*) AS payments, SUM(amount) AS total_revenue,
    SUM(IF(date >= ? AND date <= ?, amount, 0)) AS monthly_revenue,
    CAST(SUM(amount) AS DECIMAL(60, 26)) / COUNT(*) AS average_check
  FROM payments FORCE INDEX (payments_bot_date) WHERE bot_id = ? AND status = 'PAID'
  GROUP BY 1 ORDER BY payments DESC, 1`

export const addSummary = (app: FastifyInstance, database: Database): void => {
  const preHandler = botAccess(database, botIdOfPath)
  app.get<{ Params: { bot_id: number }; Querystring: { currency?: string } }>(
    "/api/bots/:bot_id/summary",
    { schema, preHandler },
    async ({ params: { bot_id }, query }) => {
      const now = new Date()
      const monthAgo = new Date(now.getTime() - MONTH)
      const [[users], [active], currencies] = await Promise.all([
        database.rows<{ total: number; recent: number }>(
          `SELECT COUNT(*) AS total, COALESCE(SUM(reg_date >= ? AND reg_date <= ?), 0) AS recent
           FROM users WHERE bot_id = ?`,
          [monthAgo, now, bot_id]
        ),
        database.rows<{ users: number }>(
          "SELECT COUNT(DISTINCT user_id) AS users FROM subscriptions WHERE bot_id = ? AND status = 'Active'",
          [bot_id]
        ),
        database.rows<Revenue>(REVENUE, [monthAgo, now, bot_id])
      ])
      const wanted = query.currency?.trim().toUpperCase() ?? currencies[0]?.currency
      const chosen = currencies.find(({ currency }) => currency === wanted)
      return {
        total_users: users?.total ?? 0,
        active_users: active?.users ?? 0,
        new_users_month: users?.recent ?? 0,
        total_revenue: chosen?.total_revenue ?? 0,
        monthly_revenue: chosen?.monthly_revenue ?? 0,
        average_check: chosen?.average_check ?? 0,
        currency: wanted ?? null,
        revenue_by_currency: currencies
      }
    }
  )
}
