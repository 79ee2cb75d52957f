import { createHmac, createSecretKey, generateKeyPairSync } from "node:crypto"
import { assert, describeWrapped, layer } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { jwtVerify, SignJWT } from "jose"
import { AppConfig } from "../Config.js"
import type { TelegramId } from "../Domain/Ids.js"
import { clientWithToken, getWith, logIn, query, statusOf } from "../testing/Client.js"
import { initDataOf, SECRET_KEY, type Settings, settingsFor, testService } from "../testing/Service.js"
import { Jwt } from "./Jwt.js"

const ADMIN = 9001

/** A token of the admin's, from the login. */
class Token extends Context.Tag("app/testing/Token")<Token, string>() {}

const tokenOf = (userId: number) => Effect.map(logIn(initDataOf(userId)), ({ json }): string => json.token)

const loggedIn = Layer.effect(Token, tokenOf(ADMIN)).pipe(Layer.provideMerge(testService()))

const now = () => Math.floor(Date.now() / 1000)
const claims = (changes: object = {}) => ({ sub: String(ADMIN), iat: now(), exp: now() + 3600, ...changes })
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url")
const make = (payload: object, header: object = { alg: "HS256" }, secret = SECRET_KEY, hash = "sha256") => {
  const text = `${encode(header)}.${encode(payload)}`
  return `${text}.${createHmac(hash, secret).update(text).digest("base64url")}`
}
const use = (bearer: string) => getWith({ Authorization: `Bearer ${bearer}` }, "/api/bots")

const [head = "", body = "", signature = ""] = make(claims()).split(".")
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 })

const REFUSED: ReadonlyArray<readonly [string, string | (() => Promise<string>)]> = [
  ["alg none", `${encode({ alg: "none" })}.${body}.`],
  ["alg nOnE", `${encode({ alg: "nOnE" })}.${body}.${signature}`],
  ["HS512", make(claims(), { alg: "HS512" }, SECRET_KEY, "sha512")],
  ["RS256", () => new SignJWT(claims()).setProtectedHeader({ alg: "RS256" }).sign(rsa.privateKey)],
  ["no signature", `${head}.${body}.`],
  ["two parts", `${head}.${body}`],
  ["a changed payload", `${head}.${encode(claims({ sub: "1" }))}.${signature}`],
  ["another secret", make(claims(), { alg: "HS256" }, "another secret, 0123456789 0123456789")],
  ["no exp", make({ sub: String(ADMIN), iat: now() })],
  ["exp in text", make(claims({ exp: String(now() + 60) }))],
  ["not yet good", make(claims({ nbf: now() + 600 }))],
  ["no sub", make({ iat: now(), exp: now() + 60 })],
  ...["abc", "0", "-1", "01", " 9001", "9001.0", String(2 ** 52)].map(
    (sub) => [`sub ${sub}`, make(claims({ sub }))] as const
  ),
  ["a sub that is a number", make(claims({ sub: ADMIN }))],
  ["a sub without an account", make(claims({ sub: "404" }))],
  ["critical header", make(claims(), { alg: "HS256", crit: ["x"], x: 1 })],
  ["garbage", "a.b.c"],
  ["nothing", ""]
]

layer(loggedIn, { excludeTestServices: true })("a token", (it) => {
  it.effect("takes its own token, and one that has no iat", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* statusOf(use(yield* Token)), 200)
      assert.strictEqual(yield* statusOf(use(make({ sub: String(ADMIN), exp: now() + 60 }))), 200)
    })
  )

  it.effect.each(REFUSED)("refuses %s", ([_, bearer]) =>
    Effect.gen(function* () {
      const { json, status } = yield* use(typeof bearer === "string" ? bearer : yield* Effect.promise(bearer))
      assert.strictEqual(status, 401)
      assert.strictEqual(json._tag, "Unauthorized")
    })
  )

  it.effect("issues what any library reads", () =>
    Effect.gen(function* () {
      const token = yield* Token
      const { payload, protectedHeader } = yield* Effect.promise(() =>
        jwtVerify(token, createSecretKey(Buffer.from(SECRET_KEY)))
      )
      assert.deepStrictEqual(protectedHeader, { alg: "HS256", typ: "JWT" })
      const { exp, iat = 0, ...claims } = payload
      assert.deepStrictEqual(claims, { sub: String(ADMIN) })
      assert.closeTo(iat, now(), 60)
      assert.strictEqual(exp, iat + 24 * 3600)
    })
  )

  it.effect("calls an expired token expired", () =>
    Effect.gen(function* () {
      const { json, status } = yield* use(make(claims({ iat: now() - 100, exp: now() - 1 })))
      assert.strictEqual(status, 401)
      assert.strictEqual(json._tag, "TokenExpired")
    })
  )

  it.effect("a token dies with its row in bot_analytics_admins", () =>
    Effect.gen(function* () {
      const { bots } = yield* clientWithToken(yield* tokenOf(9002))
      assert.deepStrictEqual(yield* bots.listBots({}), [])
      yield* query("DELETE FROM bot_analytics_admins WHERE user_id = 9002")
      assert.strictEqual((yield* Effect.flip(bots.listBots({})))._tag, "Unauthorized")
    })
  )
})

const nowhere = { host: "", port: 0, database: "", username: "", password: Redacted.make(""), tls: "off" } as const
const jwtWith = (changes: Partial<Settings>) =>
  Layer.provide(Jwt.Default, Layer.succeed(AppConfig, settingsFor(nowhere, changes)))

describeWrapped("without a service", (it) => {
  it.effect("goes by the Clock", () =>
    Effect.gen(function* () {
      const jwt = yield* Jwt
      yield* TestClock.setTime(Date.UTC(2030, 0, 1))
      const token = yield* jwt.issue(5 as TelegramId)
      assert.strictEqual(yield* jwt.verify(token), 5)
      yield* TestClock.adjust(Duration.minutes(59))
      assert.strictEqual(yield* jwt.verify(token), 5)
      yield* TestClock.adjust(Duration.minutes(2))
      assert.strictEqual((yield* Effect.flip(jwt.verify(token)))._tag, "TokenExpired")
    }).pipe(Effect.provide(jwtWith({ jwtTtl: Duration.hours(1) })))
  )

  it.effect("takes the tokens of the previous key, and signs with the new one alone", () => {
    const [first, second, third] = ["1", "2", "3"].map((digit) => Redacted.make(`${digit}`.repeat(32)))
    const withKeys = (secretKey = first, previous = second) =>
      jwtWith({ secretKey: secretKey ?? Redacted.make(""), previousSecretKey: Option.fromNullable(previous) })
    const issued = (layer: Layer.Layer<Jwt>) =>
      Effect.flatMap(Jwt, (jwt) => jwt.issue(5 as TelegramId)).pipe(Effect.provide(layer))
    const verified = (token: Redacted.Redacted, layer: Layer.Layer<Jwt>) =>
      Effect.flatMap(Jwt, (jwt) => Effect.option(jwt.verify(token))).pipe(Effect.provide(layer))
    return Effect.gen(function* () {
      const old = yield* issued(jwtWith({ secretKey: first ?? Redacted.make("") }))
      const rotated = withKeys(second, first)
      assert.deepStrictEqual(yield* verified(old, rotated), Option.some(5 as TelegramId))
      const fresh = yield* issued(rotated)
      assert.deepStrictEqual(yield* verified(fresh, rotated), Option.some(5 as TelegramId))
      assert.isTrue(Option.isNone(yield* verified(old, withKeys(third, second))))
      assert.isTrue(Option.isSome(yield* verified(fresh, withKeys(third, second))))
    })
  })
})
