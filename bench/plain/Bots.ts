import type { FastifyInstance } from "fastify"
import type { Database } from "./Database.js"
import { array, integer, json, nullableString, number, object, string } from "./Schemas.js"

const schema = {
  response: {
    200: array(
      object({
        uid: integer,
        bot_id: integer,
        username: nullableString,
        admin_id: integer,
        ref_percent: number,
        balance: number,
        status: string,
        meta: json
      })
    )
  }
}

export const addBots = (app: FastifyInstance, database: Database): void => {
  app.get("/api/bots", { schema }, ({ adminId }) =>
    database.rows(
      `SELECT uid, bot_id, username, admin_id, ref_percent, balance, status, meta
       FROM bots WHERE admin_id = ? ORDER BY uid`,
      [adminId]
    )
  )
}
