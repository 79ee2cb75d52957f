/**
 * Signs initData as Telegram does (core.telegram.org/bots/webapps), for tests and demos. Written from the documentation
 * and sharing no code with the check, so that one does not repeat the other's mistakes.
 */
import { createHmac, type KeyObject, sign } from "node:crypto"

type Fields = ReadonlyArray<[string, string]>

const signedLines = (fields: Fields) =>
  [...fields]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join("\n")

const formEncode = (fields: Fields) => new URLSearchParams([...fields]).toString()

/** The raw string with `fields` and their `hash` under this bot token. `auth_date` and `user` are the caller's to give. */
export const signInitData = (botToken: string, fields: Readonly<Record<string, string>>): string => {
  const entries = Object.entries(fields).filter(([name]) => name !== "hash")
  const secretKey = createHmac("sha256", "WebAppData").update(botToken).digest()
  const hash = createHmac("sha256", secretKey).update(signedLines(entries)).digest("hex")
  return formEncode([...entries, ["hash", hash]])
}

/**
 * The raw string of a Mini App of the bot with this Telegram id: with the Ed25519 `signature` of Telegram (`privateKey`
 * stands for Telegram's), and the `hash` under `botToken`, by default one that no service knows.
 */
export const signInitDataEd25519 = (
  privateKey: KeyObject,
  botTelegramId: number,
  fields: Readonly<Record<string, string>>,
  botToken = `${botTelegramId}:token-of-another-bot`
): string => {
  const entries = Object.entries(fields).filter(([name]) => name !== "hash" && name !== "signature")
  const message = `${botTelegramId}:WebAppData\n${signedLines(entries)}`
  const signature = sign(null, Buffer.from(message), privateKey).toString("base64url")
  return signInitData(botToken, Object.fromEntries([...entries, ["signature", signature]]))
}
