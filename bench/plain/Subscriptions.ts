import type { FastifyInstance } from "fastify"
import { botAccess, botIdOfQuery } from "./Access.js"
import { type Database, toIso } from "./Database.js"
import {
  array,
  botId,
  integer,
  json,
  limitAndOffset,
  nullableString,
  object,
  type Paging,
  paging,
  parameters,
  string,
  text
} from "./Schemas.js"

const schema = {
  querystring: parameters({ bot_id: botId, status: text, ...paging }, "bot_id"),
  response: {
    200: object({
      subscriptions: array(
        object({
          uid: integer,
          sub_uid: string,
          sub_url: nullableString,
          user_id: integer,
          bot_id: integer,
          status: string,
          start_date: nullableString,
          stop_date: nullableString,
          meta: json,
          keys: json
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
  readonly status?: string
}

interface Subscription {
  readonly start_date: string | null
  readonly stop_date: string | null
}

export const addSubscriptions = (app: FastifyInstance, database: Database): void => {
  const preHandler = botAccess(database, botIdOfQuery)
  app.get<{ Querystring: Query }>("/api/subscriptions", { schema, preHandler }, async ({ query }) => {
    // The column's collation takes no notice of case.
    const where = query.status === undefined ? "bot_id = ?" : "bot_id = ? AND status = ?"
    const values = query.status === undefined ? [query.bot_id] : [query.bot_id, query.status.trim()]
    const [subscriptions, [count]] = await Promise.all([
      database.rows<Subscription>(
        `SELECT uid, sub_uid, sub_url, user_id, bot_id, status, start_date, stop_date, meta, \`keys\`
         FROM subscriptions WHERE ${where} ORDER BY start_date DESC, uid DESC LIMIT ? OFFSET ?`,
        [...values, ...limitAndOffset(query)]
      ),
      database.rows<{ total: number }>(`SELECT COUNT(*) AS total FROM subscriptions WHERE ${where}`, values)
    ])
    return {
      subscriptions: subscriptions.map((subscription) => ({
        ...subscription,
        start_date: toIso(subscription.start_date),
        stop_date: toIso(subscription.stop_date)
      })),
      total: count?.total ?? 0,
      page: query.page,
      limit: query.limit
    }
  })
}
