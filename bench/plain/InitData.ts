import { createHmac, timingSafeEqual } from "node:crypto"
import { HttpError } from "./Errors.js"

export interface TelegramUser {
  readonly id: number
  readonly is_bot?: boolean
  readonly username?: string
  readonly first_name?: string
  readonly last_name?: string
  readonly language_code?: string
}

const MAX_LENGTH = 4096
const MAX_AGE = 24 * 3600
const MAX_AHEAD = 5 * 60
const MAX_TELEGRAM_ID = 2 ** 52 - 1

const parseUser = (text: string): TelegramUser => {
  try {
    const user = JSON.parse(text) as TelegramUser | null
    if (Number.isInteger(user?.id) && user !== null && user.id > 0 && user.id <= MAX_TELEGRAM_ID) return user
  } catch {}
  throw new HttpError(400, "init_data: user is malformed")
}

/** Checks initData as Telegram documents it (core.telegram.org/bots/webapps), for the service's own bot. */
export const initDataCheck = (botToken: string) => {
  const key = createHmac("sha256", "WebAppData").update(botToken).digest()

  return (raw: string): TelegramUser => {
    if (raw.length > MAX_LENGTH) throw new HttpError(401, "init_data is too long")
    const fields = [...new URLSearchParams(raw)]
    const values = new Map(fields)
    if (values.size < fields.length) throw new HttpError(400, "init_data: a key comes twice")
    const hash = values.get("hash")
    const authDate = values.get("auth_date")
    const userText = values.get("user")
    if (!hash || userText === undefined) throw new HttpError(400, "init_data has no hash or no user")
    if (authDate === undefined || !/^\d+$/.test(authDate)) throw new HttpError(400, "init_data: auth_date is malformed")
    const user = parseUser(userText)
    const lines = fields
      .filter(([name]) => name !== "hash")
      .map(([name, value]) => `${name}=${value}`)
      .sort()
      .join("\n")
    const expected = createHmac("sha256", key).update(lines).digest()
    const given = Buffer.from(hash, "hex")
    if (given.length !== expected.length || !timingSafeEqual(given, expected) || user.is_bot === true) {
      throw new HttpError(401, "init_data is forged")
    }
    const age = Date.now() / 1000 - Number(authDate)
    if (age > MAX_AGE || age < -MAX_AHEAD) throw new HttpError(401, "init_data expired")
    return user
  }
}
