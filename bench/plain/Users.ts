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
  number,
  object,
  type Paging,
  paging,
  parameters
} from "./Schemas.js"

const schema = {
  querystring: parameters({ bot_id: botId, ...paging }, "bot_id"),
  response: {
    200: object({
      users: array(
        object({
          uid: integer,
          user_id: integer,
          bot_id: integer,
          username: nullableString,
          invited: nullableString,
          reg_date: nullableString,
          ref_percent: number,
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
}

interface User {
  readonly reg_date: string | null
}

export const addUsers = (app: FastifyInstance, database: Database): void => {
  const preHandler = botAccess(database, botIdOfQuery)
  app.get<{ Querystring: Query }>("/api/users", { schema, preHandler }, async ({ query }) => {
    const [users, [count]] = await Promise.all([
      database.rows<User>(
        `SELECT uid, user_id, bot_id, username, invited, reg_date, ref_percent, meta
         FROM users WHERE bot_id = ? ORDER BY reg_date DESC, uid DESC LIMIT ? OFFSET ?`,
        [query.bot_id, ...limitAndOffset(query)]
      ),
      database.rows<{ total: number }>("SELECT COUNT(*) AS total FROM users WHERE bot_id = ?", [query.bot_id])
    ])
    return {
      users: users.map((user) => ({ ...user, reg_date: toIso(user.reg_date) })),
      total: count?.total ?? 0,
      page: query.page,
      limit: query.limit
    }
  })
}
