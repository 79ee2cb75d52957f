import { assert, beforeEach, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { getAs, getWith, logIn, postLogin, query, statusOf } from "../../testing/Client.js"
import { BOT_TOKEN, initDataOf, testService } from "../../testing/Service.js"
import { signInitData } from "../../testing/SignInitData.js"

// Each test comes from an address of its own, so that the limit on logins stays out of the others' way.
let address = 0
let from: Record<string, string> = {}

const admins = query("SELECT * FROM bot_analytics_admins ORDER BY uid")
const seconds = (ago = 0) => String(Math.floor(Date.now() / 1000) - ago)
const user = (fields: object) => JSON.stringify({ id: 5001, first_name: "A", ...fields })

const good = { auth_date: seconds(), query_id: "AA", user: user({}) }
const without = (name: string) => Object.fromEntries(Object.entries(good).filter(([key]) => key !== name))
const sign = (fields: Record<string, string>) => signInitData(BOT_TOKEN, fields)

const malformed: Record<string, string> = {
  "no hash": new URLSearchParams(good).toString(),
  "an empty hash": `${new URLSearchParams(good)}&hash=`,
  "nothing at all": "",
  "no user": sign(without("user")),
  "a user that is no JSON": sign({ ...good, user: "fox" }),
  "a user that is a list": sign({ ...good, user: "[]" }),
  "an id in text": sign({ ...good, user: JSON.stringify({ id: "5" }) }),
  "an id of 53 bits": sign({ ...good, user: JSON.stringify({ id: 2 ** 52 }) }),
  "no auth_date": sign(without("auth_date")),
  "an auth_date that is no number": sign({ ...good, auth_date: "1e9" }),
  "a repeated key": `${sign(good)}&user=%7B%7D`
}

const refused: Record<string, readonly [initData: string, tag: string]> = {
  "another bot's": [signInitData("1:another-token", good), "Unauthorized"],
  "a changed user": [sign(good).replace("5001", "5002"), "Unauthorized"],
  "a hash in upper case": [sign(good).replace(/hash=(\w+)/, (_, hash) => `hash=${hash.toUpperCase()}`), "Unauthorized"],
  "a short hash": [sign(good).slice(0, -2), "Unauthorized"],
  "a bot": [sign({ ...good, user: user({ is_bot: true }) }), "Unauthorized"],
  "6 minutes ahead": [sign({ ...good, auth_date: seconds(-360) }), "Unauthorized"],
  "a day and a minute old": [sign({ ...good, auth_date: seconds(86_460) }), "InitDataExpired"],
  "too long": [sign({ ...good, start_param: "x".repeat(4096) }), "Unauthorized"],
  "a forged signature": [
    sign({ ...good, hash: "" }).replace(/hash=.*/, `signature=${"A".repeat(86)}&hash=00`),
    "Unauthorized"
  ]
}

layer(testService({ settings: { trustedProxies: ["127.0.0.0/8"] } }), { excludeTestServices: true })("login", (it) => {
  beforeEach(() => {
    from = { "X-Forwarded-For": `10.0.0.${++address}` }
  })

  describe("a login", () => {
    it.effect("makes the account, and responses in the shape of a user", () =>
      Effect.gen(function* () {
        const id = 2 ** 52 - 1
        const fields = { id, first_name: "Лиса 🦊", last_name: "О'Нил & Co", username: "fox", language_code: "ru" }
        const { json, status } = yield* logIn(initDataOf(id, { user: JSON.stringify(fields) }), from)
        assert.strictEqual(status, 200)
        assert.sameMembers(Object.keys(json), ["user", "token"])
        const [row] = yield* admins
        assert.deepStrictEqual(json.user, {
          uid: row.uid,
          user_id: id,
          bot_id: 0,
          username: "fox",
          invited: null,
          reg_date: `${row.created_at.replace(" ", "T")}Z`,
          ref_percent: 0,
          meta: { first_name: "Лиса 🦊", last_name: "О'Нил & Co", language_code: "ru" }
        })
        const [header, payload] = json.token
          .split(".")
          .slice(0, 2)
          .map((part: string) => JSON.parse(Buffer.from(part, "base64url").toString()))
        assert.strictEqual(header.alg, "HS256")
        assert.strictEqual(payload.sub, String(id))
        assert.strictEqual(payload.exp - payload.iat, 24 * 3600)
        assert.closeTo(payload.iat, Date.now() / 1000, 5)
      })
    )

    it.effect("takes over the names of now, and keeps uid and created_at", () =>
      Effect.gen(function* () {
        const first = yield* logIn(initDataOf(5001, { user: user({ username: "old", last_name: "L" }) }), from)
        const before = (yield* admins).find((row) => row.user_id === 5001)
        const second = yield* logIn(initDataOf(5001, { user: user({ username: "new" }) }), from)
        const after = (yield* admins).find((row) => row.user_id === 5001)
        assert.strictEqual(second.json.user.uid, first.json.user.uid)
        assert.strictEqual(second.json.user.reg_date, first.json.user.reg_date)
        assert.strictEqual(second.json.user.username, "new")
        assert.isNull(second.json.user.meta.last_name)
        assert.isTrue(after.last_login_at >= before.last_login_at)
        assert.strictEqual(after.created_at, before.created_at)
      })
    )

    it.effect("makes one row of twenty first logins at once, and wastes no uid afterwards", () =>
      Effect.gen(function* () {
        const responses = yield* Effect.all(
          Array.from({ length: 20 }, () => logIn(initDataOf(5002), from)),
          { concurrency: "unbounded" }
        )
        assert.deepStrictEqual(new Set(responses.map(({ status }) => status)), new Set([200]))
        assert.lengthOf(new Set(responses.map(({ json }) => json.user.uid)), 1)
        const rows = yield* query("SELECT COUNT(*) AS n FROM bot_analytics_admins WHERE user_id = 5002")
        assert.strictEqual(rows[0].n, 1)
        const uidOf = (id: number) => Effect.map(logIn(initDataOf(id), from), ({ json }) => json.user.uid)
        const before = yield* uidOf(5003)
        for (let again = 0; again < 5; again++) yield* uidOf(5003)
        assert.strictEqual(yield* uidOf(5004), before + 1)
      })
    )

    it.effect("lets twenty people in at once", () =>
      Effect.gen(function* () {
        const ids = Array.from({ length: 20 }, (_, i) => 5100 + i)
        const responses = yield* Effect.forEach(ids, (id) => logIn(initDataOf(id), from), { concurrency: "unbounded" })
        assert.deepStrictEqual(
          responses.map(({ json }) => json.user?.user_id),
          ids
        )
        assert.lengthOf(new Set(responses.map(({ json }) => json.user.uid)), 20)
      })
    )

    it.effect("cuts names that are longer than the columns, between characters", () =>
      Effect.gen(function* () {
        const long = "🦊".repeat(300)
        const { json, status } = yield* logIn(initDataOf(5005, { user: user({ id: 5005, first_name: long }) }), from)
        assert.strictEqual(status, 200)
        assert.strictEqual(json.user.meta.first_name, "🦊".repeat(255))
      })
    )

    it.effect("writes nothing into the bots' users", () =>
      Effect.gen(function* () {
        yield* logIn(initDataOf(5006), from)
        assert.lengthOf(yield* query("SELECT * FROM users"), 0)
      })
    )
  })

  it.effect("initData on a request needs no account and makes none", () =>
    Effect.gen(function* () {
      const before = (yield* admins).length
      assert.strictEqual(yield* statusOf(getAs(6001, "/api/bots")), 200)
      assert.lengthOf(yield* admins, before)
    })
  )

  describe("initData that is refused", () => {
    it.effect.each(Object.entries(malformed))("%s: 400 at the login, 401 elsewhere", ([_, initData]) =>
      Effect.gen(function* () {
        const login = yield* logIn(initData, from)
        assert.strictEqual(login.status, 400, login.text)
        assert.strictEqual(login.json._tag, "InvalidRequest")
        assert.strictEqual(login.json.issues[0].path, "init_data")
        assert.notInclude(login.json.issues[0].message, "init_data")
        const elsewhere = yield* getWith({ "X-Telegram-Init-Data": initData }, "/api/bots")
        assert.strictEqual(elsewhere.status, 401)
        assert.strictEqual(elsewhere.json._tag, "Unauthorized")
        assert.isNotEmpty(elsewhere.json.message)
      })
    )

    it.effect.each(Object.entries(refused))("%s: 401", ([_, [initData, tag]]) =>
      Effect.gen(function* () {
        const responses = [
          yield* logIn(initData, from),
          yield* getWith({ "X-Telegram-Init-Data": initData }, "/api/bots"),
          yield* getWith({ Authorization: `tma ${initData}` }, "/api/bots")
        ]
        for (const { json, status } of responses) {
          assert.strictEqual(status, 401)
          assert.strictEqual(json._tag, tag, json.message)
        }
      })
    )

    it.effect.each(["{}", "null", "[]", '"x"', "5", '{"init_data":5}', '{"init_data":null}', '{"init_data":""}'])(
      "the body %s: 400",
      (body) =>
        Effect.gen(function* () {
          const { json, status } = yield* postLogin(body, from)
          assert.strictEqual(status, 400)
          assert.strictEqual(json._tag, "InvalidRequest")
          assert.isNotEmpty(json.issues)
        })
    )
  })
})
