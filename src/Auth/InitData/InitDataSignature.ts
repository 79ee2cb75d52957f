/** Who made the initData: the two checks that core.telegram.org/bots/webapps defines. */
import { createHmac, createPublicKey, createSecretKey, type KeyObject, timingSafeEqual, verify } from "node:crypto"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type { InitDataFields } from "./InitDataFields.js"

const ed25519Spki = "302a300506032b6570032100"
const hexSha256 = /^[0-9a-f]{64}$/
const unpaddedBase64Url = /^[A-Za-z0-9_-]{86}$/

/** An Ed25519 public key from the 64 hex digits in which Telegram publishes its own. Throws where they are no key. */
export const ed25519PublicKey = (hex: string): KeyObject =>
  createPublicKey({ key: Buffer.from(ed25519Spki + hex, "hex"), format: "der", type: "spki" })

/** Telegram's production key ("Validating data for Third-Party Use"). The one of its test environment is not known here. */
export const telegramProductionKey: KeyObject = ed25519PublicKey(
  "e7bf03a2fa4602af4580703d88dda5bb59f32ed8b02a56c187fe7d34caed242d"
)

/** The key of a bot's HMAC ("Validating data received via the Mini App"). Derive it once, at start. */
export const hmacKey = (botToken: string): KeyObject =>
  createSecretKey(createHmac("sha256", "WebAppData").update(botToken).digest())

/** Sorted `key=value` lines of all fields but `omitted`. Keys are ordered by their UTF-8 bytes. */
const checkString = (fields: ReadonlyMap<string, string>, omitted: ReadonlyArray<string>): string =>
  Array.from(fields)
    .filter(([key]) => !omitted.includes(key))
    .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(([key, value]) => `${key}=${value}`)
    .join("\n")

/**
 * Whether `hash` is the HMAC-SHA256 of every other field (`signature` included) under the key of `hmacKey`, compared in
 * constant time. Telegram writes lower-case hex; a hash in another form does not match.
 */
export const hmacMatches = (data: InitDataFields, key: KeyObject): boolean => {
  if (!hexSha256.test(data.hash)) return false
  const expected = createHmac("sha256", key)
    .update(checkString(data.fields, ["hash"]))
    .digest()
  return timingSafeEqual(expected, Buffer.from(data.hash, "hex"))
}

/** Whether the text is the one canonical base64url text, without padding, of 64 bytes. */
export const isSignature = (text: string | null): text is string =>
  text !== null && unpaddedBase64Url.test(text) && Buffer.from(text, "base64url").toString("base64url") === text

/** What Telegram signs of this data, but for the bot's id in front. */
const signedLines = (data: InitDataFields): string => checkString(data.fields, ["hash", "signature"])

const messageFor = (botTelegramId: number, lines: string): Buffer =>
  Buffer.from(`${botTelegramId}:WebAppData\n${lines}`)

/**
 * Whether Telegram signed this data for the bot with this Telegram id (`bots.bot_id`, not `uid`): `signature` is its
 * Ed25519 signature of every field but `hash` and `signature`. False where there is no signature.
 */
export const signatureMatches = (
  data: InitDataFields,
  botTelegramId: number,
  publicKey: KeyObject = telegramProductionKey
): boolean =>
  isSignature(data.signature) &&
  verify(null, messageFor(botTelegramId, signedLines(data)), publicKey, Buffer.from(data.signature, "base64url"))

const verifyOffThread = (message: Buffer, publicKey: KeyObject, signature: Buffer) =>
  Effect.async<boolean>((resume) =>
    verify(null, message, publicKey, signature, (error, matches) => resume(Effect.succeed(!error && matches)))
  )

/**
 * The first of these bots (Telegram ids) for which `signatureMatches`, found on the thread pool: initData does not name
 * its bot, so a forged one costs a verification for each.
 */
export const signingBot = (
  data: InitDataFields,
  botTelegramIds: Iterable<number>,
  publicKey: KeyObject = telegramProductionKey
): Effect.Effect<Option.Option<number>> =>
  Effect.suspend(() => {
    if (!isSignature(data.signature)) return Effect.succeedNone
    const signature = Buffer.from(data.signature, "base64url")
    const lines = signedLines(data)
    return Effect.findFirst(botTelegramIds, (id) => verifyOffThread(messageFor(id, lines), publicKey, signature))
  })
