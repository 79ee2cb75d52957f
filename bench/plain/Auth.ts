import jwt from "@fastify/jwt"
import type { FastifyInstance, FastifyRequest } from "fastify"
import type { Config } from "./Config.js"
import { type Database, toIso } from "./Database.js"
import { HttpError } from "./Errors.js"
import { initDataCheck, type TelegramUser } from "./InitData.js"
import { integer, json, nullableString, number, object, parameters, string } from "./Schemas.js"

declare module "fastify" {
  interface FastifyRequest {
    /** The Telegram user who asks; 0 before anybody looked. */
    adminId: number
  }
}

declare module "@fastify/jwt" {
  interface FastifyJWT {
    payload: { readonly sub: string }
    user: { readonly sub: string }
  }
}

interface Account {
  readonly uid: number
  readonly user_id: number
  readonly username: string | null
  readonly first_name: string | null
  readonly last_name: string | null
  readonly language_code: string | null
  readonly created_at: string
}

const toUser = ({ created_at, first_name, language_code, last_name, uid, user_id, username }: Account) => ({
  uid,
  user_id,
  bot_id: 0,
  username,
  invited: null,
  reg_date: toIso(created_at),
  ref_percent: 0,
  meta: { first_name, last_name, language_code }
})

const loginSchema = {
  body: parameters({ init_data: { type: "string" } }, "init_data"),
  response: {
    200: object({
      user: object({
        uid: integer,
        user_id: integer,
        bot_id: integer,
        username: nullableString,
        invited: nullableString,
        reg_date: nullableString,
        ref_percent: number,
        meta: json
      }),
      token: string
    })
  }
}

/** The login, and who makes a request: an `onRequest` hook for every other route. */
export const addAuth = async (app: FastifyInstance, database: Database, config: Config) => {
  const check = initDataCheck(config.botToken)
  await app.register(jwt, {
    secret: config.secretKey,
    sign: { algorithm: "HS256", expiresIn: "24h" },
    verify: { algorithms: ["HS256"] }
  })
  app.decorateRequest("adminId", 0)

  const byInitData = (raw: string): number => {
    try {
      return check(raw).id
    } catch {
      throw new HttpError(401, "Bad init_data")
    }
  }

  const byToken = async (request: FastifyRequest): Promise<number> => {
    const { sub } = await request.jwtVerify<{ sub: string }>()
    const found = await database.rows("SELECT 1 FROM bot_analytics_admins WHERE user_id = ?", [sub])
    if (found.length === 0) throw new HttpError(401, "The account does not exist any more")
    return Number(sub)
  }

  const authenticate = async (request: FastifyRequest): Promise<void> => {
    const { authorization } = request.headers
    const initData = request.headers["x-telegram-init-data"]
    if (authorization !== undefined) {
      const [scheme = "", credential = ""] = authorization.trim().split(/\s+/)
      if (scheme.toLowerCase() === "bearer") request.adminId = await byToken(request)
      else if (scheme.toLowerCase() === "tma") request.adminId = byInitData(credential)
      else throw new HttpError(401, "The scheme must be Bearer or tma")
    } else if (typeof initData === "string") request.adminId = byInitData(initData)
    else throw new HttpError(401, "No credentials")
  }

  const logIn = async (user: TelegramUser): Promise<Account> => {
    const now = new Date()
    const names = [user.username ?? null, user.first_name ?? null, user.last_name ?? null, user.language_code ?? null]
    await database.rows(
      `INSERT INTO bot_analytics_admins (user_id, username, first_name, last_name, language_code, created_at, last_login_at)
       VALUES (?, ?, ?, ?, ?, ?, ?)
       ON DUPLICATE KEY UPDATE username = VALUES(username), first_name = VALUES(first_name),
         last_name = VALUES(last_name), language_code = VALUES(language_code), last_login_at = VALUES(last_login_at)`,
      [user.id, ...names, now, now]
    )
    const [account] = await database.rows<Account>("SELECT * FROM bot_analytics_admins WHERE user_id = ?", [user.id])
    if (account === undefined) throw new Error("The account is not there")
    return account
  }

  app.post<{ Body: { init_data: string } }>("/api/auth/telegram", { schema: loginSchema }, async ({ body }) => {
    const account = await logIn(check(body.init_data))
    return { user: toUser(account), token: app.jwt.sign({ sub: String(account.user_id) }) }
  })

  return authenticate
}
