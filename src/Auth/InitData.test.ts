import { createSecretKey, generateKeyPairSync } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { TelegramId } from "../Domain/Ids.js"
import { signInitData, signInitDataEd25519 } from "../testing/SignInitData.js"
import {
  checkAge,
  ed25519PublicKey,
  hmacKey,
  hmacMatches,
  parse,
  signatureMatches,
  signingBot,
  telegramProductionKey,
  verifyInitData
} from "./InitData.js"

const token = "123456789:TEST-token_for-unit-tests-only0000000"
const key = hmacKey(token)
const authDate = 1_700_000_000
const nowMillis = authDate * 1000
const maxAgeMillis = 86_400_000
const user = JSON.stringify({ id: 42, first_name: "A&B=100%+ é 🚀", username: "anna" })
const fields = { query_id: "AAE+%&=", user, auth_date: String(authDate), signature: "made-up", start_param: "" }
const good = signInitData(token, fields)

const verdict = (raw: string, options: Partial<Parameters<typeof verifyInitData>[1]> = {}) =>
  Either.match(verifyInitData(raw, { key, nowMillis, maxAgeMillis, ...options }), {
    onLeft: (error) => error._tag,
    onRight: () => "ok"
  })
const data = (raw: string) => Either.getOrThrow(parse(raw))
const changed = (change: Readonly<Record<string, string>>) => {
  const query = new URLSearchParams(good)
  for (const [name, value] of Object.entries(change)) query.set(name, value)
  return query.toString()
}

/**
 * Signed by Telegram itself for the bot 7342037359: the example of docs.telegram-mini-apps.com/platform/init-data. The
 * HMAC key is derived from the token published with it.
 */
const published = {
  bot: 7_342_037_359,
  authDate: 1_733_584_787,
  key: createSecretKey(Buffer.from("c0881d6d547967540dcb06d7378a2c2b2c79a8f915ae70a4a37a8a04de0da32b", "hex")),
  raw:
    "user=%7B%22id%22%3A279058397%2C%22first_name%22%3A%22Vladislav%20%2B%20-%20%3F%20%5C%2F%22%2C%22last_name%22%3A%22" +
    "Kibenko%22%2C%22username%22%3A%22vdkfrost%22%2C%22language_code%22%3A%22ru%22%2C%22is_premium%22%3Atrue%2C%22" +
    "allows_write_to_pm%22%3Atrue%2C%22photo_url%22%3A%22https%3A%5C%2F%5C%2Ft.me%5C%2Fi%5C%2Fuserpic%5C%2F320%5C%2F" +
    "4FPEE4tmP3ATHa57u6MqTDih13LTOiMoKoLDRG4PnSA.svg%22%7D&chat_instance=8134722200314281151&chat_type=private" +
    "&auth_date=1733584787&hash=2174df5b000556d044f3f020384e879c8efcab55ddea2ced4eb752e93e7080d6" +
    "&signature=zL-ucjNyREiHDE8aihFwpfR9aggP2xiAo3NSpfe-p7IbCisNlDKlo7Kb6G4D0Ao2mBrSgEk4maLSdv6MLIlADQ"
}

describe("golden examples", () => {
  it("key and hash as Python's hmac makes them", () => {
    assert.strictEqual(key.export().toString("hex"), "1c2d0149313ee72fbdcbc663987ea5b850928659d650e090aa81db646d0e8ad3")
    const query =
      "query_id=AAE%2B%25%26%3D&auth_date=1700000000&chat_instance=&hash=91528f836dae9f0a6ad754334845e37237e7a4add61c572a3" +
      "864025e1cc1bfa6&user=%7B%22id%22%3A4503599627370495%2C%22first_name%22%3A%22%D0%90%D0%BD%D0%BD%D0%B0+%26+Co+" +
      "%F0%9F%9A%80%22%7D"
    assert.strictEqual(verdict(query), "ok")
    assert.deepInclude(data(query).user, { id: TelegramId.make(2 ** 52 - 1), firstName: "Анна & Co 🚀" })
  })

  it("what Telegram signed: the hash covers the signature, and both are right", () => {
    const real = data(published.raw)
    assert.deepInclude(real.user, {
      id: TelegramId.make(279_058_397),
      firstName: "Vladislav + - ? /",
      username: "vdkfrost"
    })
    assert.isTrue(hmacMatches(real, published.key))
    assert.isTrue(signatureMatches(real, published.bot))
    assert.isFalse(signatureMatches(real, published.bot + 1))
    const now = { nowMillis: published.authDate * 1000 }
    assert.strictEqual(verdict(published.raw, { ...now, key: published.key }), "ok")
    assert.strictEqual(verdict(published.raw, { ...now, botTelegramIds: [1, published.bot] }), "ok")
    assert.strictEqual(verdict(published.raw, now), "InvalidInitData")
    assert.strictEqual(
      verdict(published.raw, { nowMillis: now.nowMillis + maxAgeMillis + 1, key: published.key }),
      "ExpiredInitData"
    )
  })
})

describe("HMAC", () => {
  it("takes good data, in any order and encoding of its fields", () => {
    assert.strictEqual(verdict(good), "ok")
    assert.strictEqual(verdict(good.split("&").reverse().join("&")), "ok")
    assert.strictEqual(verdict(good.replaceAll("+", "%20")), "ok")
    assert.strictEqual(verdict(good.replace("hash=", "%68ash=")), "ok")
    assert.strictEqual(verdict(`&${good.replaceAll("&", "&&")}&`), "ok")
    assert.strictEqual(data(good).user.firstName, "A&B=100%+ é 🚀")
  })

  it.each(Object.entries(fields))("%s cannot be changed, removed or renamed", (name, value) => {
    const other = name === "auth_date" ? String(authDate + 1) : name === "user" ? '{"id":43}' : `${value}x`
    assert.strictEqual(verdict(changed({ [name]: other })), "InvalidInitData")
    const without = new URLSearchParams(good)
    without.delete(name)
    const malformed = name === "user" || name === "auth_date"
    assert.strictEqual(verdict(without.toString()), malformed ? "MalformedInitData" : "InvalidInitData")
    assert.strictEqual(
      verdict(`${without}&${name}x=${encodeURIComponent(value)}`),
      malformed ? "MalformedInitData" : "InvalidInitData"
    )
  })

  it("nothing can be added", () => {
    for (const extra of ["x=", "x", "=", "__proto__=1", "constructor=", "signatur%65x=1"]) {
      assert.strictEqual(verdict(`${good}&${extra}`), "InvalidInitData")
    }
  })

  it("another token, and a hash that is none", () => {
    const hash = data(good).hash
    assert.strictEqual(verdict(good, { key: hmacKey(`${token}x`) }), "InvalidInitData")
    for (const wrong of [
      hash.toUpperCase(),
      hash.slice(1),
      `${hash}0`,
      `${hash}${hash}`,
      ` ${hash}`,
      `0x${hash.slice(2)}`,
      "z".repeat(64),
      "0".repeat(64),
      "é".repeat(32),
      "0",
      Buffer.from(hash, "hex").toString("base64")
    ]) {
      assert.strictEqual(verdict(changed({ hash: wrong })), "InvalidInitData")
    }
    assert.strictEqual(verdict(changed({ hash: "" })), "MalformedInitData")
  })

  it("fields folded into one by a line feed or an = are refused, though the signed text is the same", () => {
    const query = new URLSearchParams(good)
    query.set("query_id", `${query.get("query_id")}\nsignature=${query.get("signature")}`)
    query.delete("signature")
    assert.strictEqual(verdict(query.toString()), "InvalidInitData")
    query.set("start_param", `\nuser=${user}`)
    query.delete("user")
    assert.strictEqual(verdict(query.toString()), "MalformedInitData")
    const withEquals = signInitData(token, { ...fields, start_param: "a=b" })
    assert.strictEqual(verdict(withEquals), "ok")
    assert.strictEqual(verdict(withEquals.replace("start_param=a%3Db", "start_param%3Da=b")), "InvalidInitData")
  })

  it("forged data with a bad structure is malformed, and forged data that is old is forged", () => {
    assert.strictEqual(verdict(changed({ user: "{}", hash: "0".repeat(64) })), "MalformedInitData")
    assert.strictEqual(verdict(changed({ auth_date: "1" })), "InvalidInitData")
  })

  it("genuine fields are judged as any others", () => {
    assert.strictEqual(verdict(signInitData(token, { ...fields, user: '{"id":7,"is_bot":true}' })), "InvalidInitData")
    assert.strictEqual(verdict(signInitData(token, { ...fields, user: '{"id":"7"}' })), "MalformedInitData")
    assert.strictEqual(verdict(signInitData(token, { ...fields, start_param: "a\nb" })), "InvalidInitData")
    assert.strictEqual(verdict(signInitData(token, { user, auth_date: "9".repeat(400) })), "InvalidInitData")
    assert.strictEqual(verdict(signInitData(token, { ...fields, ["__proto__"]: "x", constructor: "y" })), "ok")
  })
})

describe("age", () => {
  it("both limits are inclusive", () => {
    const at = (now: number) => verdict(good, { nowMillis: now })
    assert.strictEqual(at(nowMillis + maxAgeMillis), "ok")
    assert.strictEqual(at(nowMillis + maxAgeMillis + 1), "ExpiredInitData")
    assert.strictEqual(at(nowMillis - 300_000), "ok")
    assert.strictEqual(at(nowMillis - 300_001), "InvalidInitData")
  })

  it("milliseconds for seconds, and more digits than a number holds, are the future", () => {
    for (const seconds of [String(nowMillis), "18446744075409551616", "9".repeat(400)]) {
      const result = checkAge(data(signInitData(token, { user, auth_date: seconds })), nowMillis, maxAgeMillis)
      assert.strictEqual(Either.getOrThrow(Either.flip(result))._tag, "InvalidInitData")
    }
    assert.strictEqual(verdict(signInitData(token, { user, auth_date: "0" })), "ExpiredInitData")
    assert.strictEqual(verdict(signInitData(token, { user, auth_date: `000${authDate}` })), "ok")
  })
})

describe("Ed25519", () => {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519")
  const bot = 777
  const signed = signInitDataEd25519(privateKey, bot, fields)
  const options = { publicKey, botTelegramIds: [1, bot] }
  const signature = data(signed).signature ?? ""
  const resigned = (value: string) => signed.replace(signature, encodeURIComponent(value))

  it("takes a signature for a registered bot only", () => {
    assert.strictEqual(verdict(signed, options), "ok")
    assert.strictEqual(verdict(signed, { ...options, botTelegramIds: [1, 2] }), "InvalidInitData")
    assert.strictEqual(verdict(signed, { publicKey }), "InvalidInitData")
    assert.strictEqual(verdict(signed, { ...options, nowMillis: nowMillis + maxAgeMillis + 1 }), "ExpiredInitData")
    assert.strictEqual(
      verdict(signInitDataEd25519(privateKey, bot, { ...fields, user: '{"id":7,"is_bot":true}' }), options),
      "InvalidInitData"
    )
  })

  it("covers everything but hash and signature", () => {
    assert.strictEqual(verdict(signed.replace("AAE", "AAF"), options), "InvalidInitData")
    assert.strictEqual(verdict(`${signed}&x=`, options), "InvalidInitData")
    assert.strictEqual(verdict(signed.replace(/hash=\w+/, "hash=other"), options), "ok")
    assert.strictEqual(verdict(signed.replace(/hash=\w+/, "hash="), options), "MalformedInitData")
  })

  it("has one text: no padding, no other alphabet, no spare bits, 64 bytes", () => {
    const last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".indexOf(signature.slice(-1))
    const spare = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".charAt(last + 1)
    const variants = [
      "",
      `${signature}==`,
      `${signature}A`,
      signature.slice(0, 84),
      `${signature.slice(0, -1)}${spare}`
    ]
    for (const variant of [...variants, ` ${signature}`, "A".repeat(86), "é".repeat(86)]) {
      assert.strictEqual(verdict(resigned(variant), options), "InvalidInitData")
    }
  })

  it("takes Telegram's production key alone by default", () => {
    const test = ed25519PublicKey("40055058a4ee38156a06562e52eece92a771bcd8346a8c4615cb7376eddf72ec")
    assert.isFalse(signatureMatches(data(published.raw), published.bot, test))
    assert.isFalse(signatureMatches(data(signed), bot))
    assert.strictEqual(
      telegramProductionKey.export({ format: "jwk" }).x,
      Buffer.from("e7bf03a2fa4602af4580703d88dda5bb59f32ed8b02a56c187fe7d34caed242d", "hex").toString("base64url")
    )
  })

  it.effect("signingBot finds the bot off the thread", () =>
    Effect.gen(function* () {
      assert.deepEqual(yield* signingBot(data(signed), [1, bot, 2], publicKey), Option.some(bot))
      assert.deepEqual(yield* signingBot(data(signed), [1, 2], publicKey), Option.none())
      assert.deepEqual(yield* signingBot(data(signed), [], publicKey), Option.none())
      assert.deepEqual(yield* signingBot(data(good), [bot], publicKey), Option.none())
      assert.deepEqual(yield* signingBot(data(published.raw), [published.bot]), Option.some(published.bot))
    })
  )
})
