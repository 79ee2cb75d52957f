import type { FastifyInstance } from "fastify"
import { botAccess, botIdOfQuery } from "./Access.js"
import type { Database } from "./Database.js"
import { HttpError } from "./Errors.js"
import { IS_TRIAL, PAYMENT_KIND } from "./Kinds.js"
import { array, botId, date, integer, object, parameters, string, text } from "./Schemas.js"
import { localDate, nextDate, startOfDay } from "./Zones.js"

const MAX_DAYS = 731

const schema = {
  querystring: parameters(
    { bot_id: botId, start_date: date, end_date: date, tz: text },
    ...(["bot_id", "start_date", "end_date"] as const)
  ),
  response: {
    200: array(
      object({
        date: string,
        registrations: integer,
        payments: integer,
        trials: integer,
        keys: integer,
        renewals: integer
      })
    )
  }
}

interface Query {
  readonly bot_id: number
  readonly start_date: string
  readonly end_date: string
  readonly tz?: string
}

interface Count {
  readonly day: string
  readonly count: number
}

interface PaymentCount extends Count {
  readonly keys: number
  readonly renewals: number
}

const datesBetween = (first: string, last: string): Array<string> => {
  const dates: Array<string> = []
  for (let date = first; date <= last && dates.length <= MAX_DAYS; date = nextDate(date)) dates.push(date)
  return dates
}

const byDay = <Row extends Count>(rows: ReadonlyArray<Row>): ReadonlyMap<string, Row> =>
  new Map(rows.map((row) => [row.day, row]))

export const addAnalytics = (app: FastifyInstance, database: Database): void => {
  const preHandler = botAccess(database, botIdOfQuery)
  app.get<{ Querystring: Query }>("/api/analytics", { schema, preHandler }, async ({ query }) => {
    const { bot_id, end_date, start_date, tz = "UTC" } = query
    const dates = datesBetween(start_date, end_date)
    if (dates.length === 0 || dates.length > MAX_DAYS) {
      throw new HttpError(400, `end_date must be within ${MAX_DAYS} days of start_date`)
    }
    const from = startOfDay(tz, start_date)
    const to = startOfDay(tz, nextDate(end_date))
    const range = [bot_id, new Date(from), new Date(to)]
    const day = (column: string) => localDate(tz, column, from, to)
    const [registrations, payments, trials] = await Promise.all([
      database.rows<Count>(
        `SELECT ${day("u.reg_date")} AS day, COUNT(*) AS count
         FROM users u WHERE u.bot_id = ? AND u.reg_date >= ? AND u.reg_date < ? GROUP BY day`,
        range
      ),
      database.rows<PaymentCount>(
        `SELECT day, COUNT(*) AS count, SUM(kind = 'key') AS \`keys\`, SUM(kind = 'renewal') AS renewals
         FROM (
           SELECT ${day("p.date")} AS day, ${PAYMENT_KIND} AS kind
           FROM payments p WHERE p.bot_id = ? AND p.date >= ? AND p.date < ? AND p.status = 'PAID'
         ) AS paid GROUP BY day`,
        range
      ),
      database.rows<Count>(
        `SELECT ${day("s.start_date")} AS day, COUNT(*) AS count
         FROM subscriptions s WHERE s.bot_id = ? AND s.start_date >= ? AND s.start_date < ? AND ${IS_TRIAL}
         GROUP BY day`,
        range
      )
    ])
    const registered = byDay(registrations)
    const paid = byDay(payments)
    const tried = byDay(trials)
    return dates.map((date) => ({
      date,
      registrations: registered.get(date)?.count ?? 0,
      payments: paid.get(date)?.count ?? 0,
      trials: tried.get(date)?.count ?? 0,
      keys: paid.get(date)?.keys ?? 0,
      renewals: paid.get(date)?.renewals ?? 0
    }))
  })
}
