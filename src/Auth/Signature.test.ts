import { generateKeyPairSync } from "node:crypto"
import { afterAll, assert, beforeAll, it } from "@effect/vitest"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { logIn } from "../testing/Login.js"
import { initDataOf, TestService, testService } from "../testing/Service.js"
import { signInitDataEd25519 } from "../testing/SignInitData.js"
import { TelegramKey } from "./TelegramAuth.js"

// A pair of our own stands for Telegram's.
const telegram = generateKeyPairSync("ed25519")
const BOT = 6893310472
const ADMIN = 777

const runtime = ManagedRuntime.make(testService({ under: Layer.succeed(TelegramKey, telegram.publicKey) }))
let service: typeof TestService.Service
beforeAll(async () => {
  service = await runtime.runPromise(TestService)
})
afterAll(() => runtime.dispose())

const signed = (bot: number, key = telegram.privateKey, { ago = 0, admin = ADMIN } = {}) =>
  signInitDataEd25519(key, bot, {
    auth_date: String(Math.floor(Date.now() / 1000) - ago),
    user: JSON.stringify({ id: admin, first_name: "A" })
  })

const statuses = async (initData: string) => [
  (await logIn(service, initData)).status,
  (await service.request("/api/bots", { headers: { "X-Telegram-Init-Data": initData } })).status,
  (await service.request("/api/bots", { headers: { Authorization: `tma ${initData}` } })).status
]

it("initData of a bot counts from the moment it is in `bots` until it is not", async () => {
  const { connection } = service.database
  const initData = signed(BOT)
  assert.deepStrictEqual(await statuses(initData), [401, 401, 401])
  await connection.query("INSERT INTO bots (bot_id, admin_id) VALUES (?, ?), (?, 1), (?, 1)", [BOT, ADMIN, 11, 12])
  assert.deepStrictEqual(await statuses(initData), [200, 200, 200])
  assert.deepStrictEqual(await statuses(signed(12)), [200, 200, 200])
  await connection.query("DELETE FROM bots WHERE bot_id = ?", [BOT])
  assert.deepStrictEqual(await statuses(initData), [401, 401, 401])
})

it("a signature by anybody but Telegram does not", async () => {
  const { connection } = service.database
  await connection.query("INSERT INTO bots (bot_id, admin_id) VALUES (?, ?)", [BOT + 1, ADMIN])
  const forger = generateKeyPairSync("ed25519")
  assert.deepStrictEqual(await statuses(signed(BOT + 1, forger.privateKey)), [401, 401, 401])
  const changed = signed(BOT + 1).replace(String(ADMIN), "778")
  assert.deepStrictEqual(await statuses(changed), [401, 401, 401])
})

it("an old signature is expired, also one that was seen before", async () => {
  await service.database.connection.query("INSERT INTO bots (bot_id, admin_id) VALUES (?, ?)", [BOT + 2, ADMIN])
  const request = (initData: string) => service.request("/api/bots", { headers: { "X-Telegram-Init-Data": initData } })
  for (let again = 0; again < 2; again++) {
    assert.strictEqual(
      (await request(signed(BOT + 2, telegram.privateKey, { ago: 86_500 }))).json._tag,
      "InitDataExpired"
    )
  }
})

it("forged signatures hold up nobody but their like", async () => {
  const { connection } = service.database
  const bots = Array.from({ length: 250 }, (_, i) => [100_000 + i, 1])
  await connection.query("INSERT INTO bots (bot_id, admin_id) VALUES ?", [[...bots, [BOT + 3, ADMIN]]])
  const forger = generateKeyPairSync("ed25519")
  const finished: Array<string> = []
  const send = async (name: string, initData: string) => {
    const { status } = await service.request("/api/bots", { headers: { "X-Telegram-Init-Data": initData } })
    finished.push(name)
    return status
  }
  const forged = Array.from({ length: 20 }, (_, i) =>
    send("forged", signed(BOT, forger.privateKey, { admin: 600_000 + i }))
  )
  // Sent last, and of another kind: the bot's own HMAC, and the signature of a bot of the admin's own.
  const good = [send("hmac", initDataOf(ADMIN)), send("own", signed(BOT + 3))]
  assert.deepStrictEqual(await Promise.all(good), [200, 200])
  assert.isBelow(finished.length, 20)
  assert.deepStrictEqual(new Set(await Promise.all(forged)), new Set([401]))
})
