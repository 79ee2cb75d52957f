import { afterAll, assert, beforeAll, beforeEach, describe, it } from "@effect/vitest"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { rowsOf } from "../testing/Database.js"
import { logIn, postLogin } from "../testing/Login.js"
import { BOT_TOKEN, initDataOf, TestService, testService } from "../testing/Service.js"
import { signInitData } from "../testing/SignInitData.js"

// Each test comes from an address of its own, so that the limit on logins stays out of the others' way.
const runtime = ManagedRuntime.make(testService({ settings: { trustedProxies: ["127.0.0.0/8"] } }))
let service: typeof TestService.Service
let address = 0
let from: Record<string, string> = {}
beforeAll(async () => {
  service = await runtime.runPromise(TestService)
})
beforeEach(() => {
  from = { "X-Forwarded-For": `10.0.0.${++address}` }
})
afterAll(() => runtime.dispose())

const admins = () => rowsOf(service.database.connection, "SELECT * FROM admins ORDER BY uid")
const seconds = (ago = 0) => String(Math.floor(Date.now() / 1000) - ago)
const user = (fields: object) => JSON.stringify({ id: 5001, first_name: "A", ...fields })

describe("a login", () => {
  it("makes the account, and answers in the shape of a user", async () => {
    const id = 2 ** 52 - 1
    const fields = { id, first_name: "Лиса 🦊", last_name: "О'Нил & Co", username: "fox", language_code: "ru" }
    const { json, status } = await logIn(service, initDataOf(id, { user: JSON.stringify(fields) }), from)
    assert.strictEqual(status, 200)
    assert.sameMembers(Object.keys(json), ["user", "token"])
    const [row] = await admins()
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

  it("takes over the names of now, and keeps uid and created_at", async () => {
    const first = await logIn(service, initDataOf(5001, { user: user({ username: "old", last_name: "L" }) }), from)
    const before = (await admins()).find((row) => row.user_id === 5001)
    const second = await logIn(service, initDataOf(5001, { user: user({ username: "new" }) }), from)
    const after = (await admins()).find((row) => row.user_id === 5001)
    assert.strictEqual(second.json.user.uid, first.json.user.uid)
    assert.strictEqual(second.json.user.reg_date, first.json.user.reg_date)
    assert.strictEqual(second.json.user.username, "new")
    assert.isNull(second.json.user.meta.last_name)
    assert.isTrue(after.last_login_at >= before.last_login_at)
    assert.strictEqual(after.created_at, before.created_at)
  })

  it("makes one row of twenty first logins at once, and wastes no uid afterwards", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => logIn(service, initDataOf(5002), from)))
    assert.deepStrictEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
    assert.lengthOf(new Set(answers.map(({ json }) => json.user.uid)), 1)
    const rows = await rowsOf(service.database.connection, "SELECT COUNT(*) AS n FROM admins WHERE user_id = 5002")
    assert.strictEqual(rows[0].n, 1)
    const uidOf = async (id: number) => (await logIn(service, initDataOf(id), from)).json.user.uid
    const before = await uidOf(5003)
    for (let again = 0; again < 5; again++) await uidOf(5003)
    assert.strictEqual(await uidOf(5004), before + 1)
  })

  it("lets twenty people in at once", async () => {
    const ids = Array.from({ length: 20 }, (_, i) => 5100 + i)
    const answers = await Promise.all(ids.map((id) => logIn(service, initDataOf(id), from)))
    assert.deepStrictEqual(
      answers.map(({ json }) => json.user?.user_id),
      ids
    )
    assert.lengthOf(new Set(answers.map(({ json }) => json.user.uid)), 20)
  })

  it("cuts names that are longer than the columns, between characters", async () => {
    const long = "🦊".repeat(300)
    const { json, status } = await logIn(
      service,
      initDataOf(5005, { user: user({ id: 5005, first_name: long }) }),
      from
    )
    assert.strictEqual(status, 200)
    assert.strictEqual(json.user.meta.first_name, "🦊".repeat(255))
  })

  it("writes nothing into the bots' users", async () => {
    await logIn(service, initDataOf(5006), from)
    assert.lengthOf(await rowsOf(service.database.connection, "SELECT * FROM users"), 0)
  })
})

it("initData on a request needs no account and makes none", async () => {
  const before = (await admins()).length
  assert.strictEqual((await service.get("/api/bots", 6001)).status, 200)
  assert.lengthOf(await admins(), before)
})

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

describe("initData that is refused", () => {
  it.each(Object.entries(malformed))("%s: 400 at the login, 401 elsewhere", async (_, initData) => {
    const login = await logIn(service, initData, from)
    assert.strictEqual(login.status, 400, login.text)
    assert.strictEqual(login.json._tag, "InvalidRequest")
    assert.strictEqual(login.json.issues[0].path, "init_data")
    const elsewhere = await service.request("/api/bots", { headers: { "X-Telegram-Init-Data": initData } })
    assert.strictEqual(elsewhere.status, 401)
    assert.strictEqual(elsewhere.json._tag, "Unauthorized")
    assert.isNotEmpty(elsewhere.json.message)
  })

  it.each(Object.entries(refused))("%s: 401", async (_, [initData, tag]) => {
    const answers = [
      await logIn(service, initData, from),
      await service.request("/api/bots", { headers: { "X-Telegram-Init-Data": initData } }),
      await service.request("/api/bots", { headers: { Authorization: `tma ${initData}` } })
    ]
    for (const { json, status } of answers) {
      assert.strictEqual(status, 401)
      assert.strictEqual(json._tag, tag, json.message)
    }
  })

  it.each(["{}", "null", "[]", '"x"', "5", '{"init_data":5}', '{"init_data":null}', '{"init_data":""}'])(
    "the body %s: 400",
    async (body) => {
      const { json, status } = await postLogin(service, body, from)
      assert.strictEqual(status, 400)
      assert.strictEqual(json._tag, "InvalidRequest")
      assert.isNotEmpty(json.issues)
    }
  )
})
