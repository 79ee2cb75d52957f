import type { FastifyInstance } from "fastify"
import { botAccess, botIdOfQuery } from "./Access.js"
import { type Database, toIso } from "./Database.js"
import { HttpError } from "./Errors.js"
import {
  array,
  botId,
  date,
  integer,
  json,
  limitAndOffset,
  nullableString,
  number,
  object,
  type Paging,
  paging,
  parameters,
  string,
  text
} from "./Schemas.js"
import { nextDate, startOfDay } from "./Zones.js"

const schema = {
  querystring: parameters({ bot_id: botId, start_date: date, end_date: date, tz: text, ...paging }, "bot_id"),
  response: {
    200: object({
      payments: array(
        object({
          bill_id: string,
          user_id: integer,
          bot_id: integer,
          amount: number,
          currency: string,
          status: string,
          provider: nullableString,
          date: nullableString,
          meta: json
        })
      ),
      total: integer,
      page: integer,
      limit: integer
    })
  }
}

interface Query extends Paging {
  readonly bot_id: number
  readonly start_date?: string
  readonly end_date?: string
  readonly tz?: string
}

interface Payment {
  readonly currency: string
  readonly date: string | null
}

export const addPayments = (app: FastifyInstance, database: Database): void => {
  const preHandler = botAccess(database, botIdOfQuery)
  app.get<{ Querystring: Query }>("/api/payments", { schema, preHandler }, async ({ query }) => {
    const { bot_id, end_date, start_date, tz = "UTC" } = query
    if (start_date !== undefined && end_date !== undefined && start_date > end_date) {
      throw new HttpError(400, "end_date must not be before start_date")
    }
    const conditions = ["bot_id = ?"]
    const values: Array<number | Date> = [bot_id]
    if (start_date !== undefined) {
      conditions.push("date >= ?")
      values.push(new Date(startOfDay(tz, start_date)))
    }
    if (end_date !== undefined) {
      conditions.push("date < ?")
      values.push(new Date(startOfDay(tz, nextDate(end_date))))
    }
    const where = conditions.join(" AND ")
    const [payments, [count]] = await Promise.all([
      database.rows<Payment>(
        `SELECT bill_id, user_id, bot_id, amount, currency, status, provider, date, meta
         FROM payments WHERE ${where} ORDER BY date DESC, bill_id DESC LIMIT ? OFFSET ?`,
        [...values, ...limitAndOffset(query)]
      ),
      database.rows<{ total: number }>(`SELECT COUNT(*) AS total FROM payments WHERE ${where}`, values)
    ])
    return {
      payments: payments.map((payment) => ({
        ...payment,
        currency: payment.currency.toUpperCase(),
        date: toIso(payment.date)
      })),
      total: count?.total ?? 0,
      page: query.page,
      limit: query.limit
    }
  })
}
