import type { FastifyRequest } from "fastify"
import type { Database } from "./Database.js"
import { HttpError } from "./Errors.js"

/** A `preHandler` of the routes about a bot: it must be the admin's own. */
export const botAccess =
  (database: Database, botIdOf: (request: FastifyRequest) => number) =>
  async (request: FastifyRequest): Promise<void> => {
    const found = await database.rows("SELECT 1 FROM bots WHERE uid = ? AND admin_id = ?", [
      botIdOf(request),
      request.adminId
    ])
    if (found.length === 0) throw new HttpError(403, "Access denied to this bot")
  }

export const botIdOfQuery = (request: FastifyRequest): number => (request.query as { bot_id: number }).bot_id

export const botIdOfPath = (request: FastifyRequest): number => (request.params as { bot_id: number }).bot_id
