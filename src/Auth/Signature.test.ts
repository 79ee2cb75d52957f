import { generateKeyPairSync } from "node:crypto"
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import { clientWith, getWith, logIn, query, statusOf } from "../testing/Client.js"
import { initDataOf, testService } from "../testing/Service.js"
import { signInitDataEd25519 } from "../testing/SignInitData.js"
import { TelegramKey } from "./TelegramAuth.js"

// A pair of our own stands for Telegram's.
const telegram = generateKeyPairSync("ed25519")
const BOT = 6893310472
const ADMIN = 777

const signed = (bot: number, key = telegram.privateKey, { ago = 0, admin = ADMIN } = {}) =>
  signInitDataEd25519(key, bot, {
    auth_date: String(Math.floor(Date.now() / 1000) - ago),
    user: JSON.stringify({ id: admin, first_name: "A" })
  })

const statuses = (initData: string) =>
  Effect.all([
    statusOf(logIn(initData)),
    statusOf(getWith({ "X-Telegram-Init-Data": initData }, "/api/bots")),
    statusOf(getWith({ Authorization: `tma ${initData}` }, "/api/bots"))
  ])

const signedByUs = testService({ under: Layer.succeed(TelegramKey, telegram.publicKey) })

layer(signedByUs, { excludeTestServices: true })("initData signed by Telegram", (it) => {
  it.effect("initData of a bot counts from the moment it is in `bots` until it is not", () =>
    Effect.gen(function* () {
      const initData = signed(BOT)
      assert.deepStrictEqual(yield* statuses(initData), [401, 401, 401])
      yield* query("INSERT INTO bots (bot_id, admin_id) VALUES (?, ?), (?, 1), (?, 1)", [BOT, ADMIN, 11, 12])
      assert.deepStrictEqual(yield* statuses(initData), [200, 200, 200])
      assert.deepStrictEqual(yield* statuses(signed(12)), [200, 200, 200])
      yield* query("DELETE FROM bots WHERE bot_id = ?", [BOT])
      assert.deepStrictEqual(yield* statuses(initData), [401, 401, 401])
    })
  )

  it.effect("a signature by anybody but Telegram does not", () =>
    Effect.gen(function* () {
      yield* query("INSERT INTO bots (bot_id, admin_id) VALUES (?, ?)", [BOT + 1, ADMIN])
      const forger = generateKeyPairSync("ed25519")
      assert.deepStrictEqual(yield* statuses(signed(BOT + 1, forger.privateKey)), [401, 401, 401])
      const changed = signed(BOT + 1).replace(String(ADMIN), "778")
      assert.deepStrictEqual(yield* statuses(changed), [401, 401, 401])
    })
  )

  it.effect("an old signature is expired, also one that was seen before", () =>
    Effect.gen(function* () {
      yield* query("INSERT INTO bots (bot_id, admin_id) VALUES (?, ?)", [BOT + 2, ADMIN])
      for (let again = 0; again < 2; again++) {
        const { bots } = yield* clientWith({
          "X-Telegram-Init-Data": signed(BOT + 2, telegram.privateKey, { ago: 86_500 })
        })
        assert.strictEqual((yield* Effect.flip(bots.listBots({})))._tag, "InitDataExpired")
      }
    })
  )

  it.effect("forged signatures hold up nobody but their like", () =>
    Effect.gen(function* () {
      const bots = Array.from({ length: 250 }, (_, i) => [100_000 + i, 1])
      yield* query("INSERT INTO bots (bot_id, admin_id) VALUES ?", [[...bots, [BOT + 3, ADMIN]]])
      const forger = generateKeyPairSync("ed25519")
      const finished: Array<string> = []
      const send = (name: string, initData: string) =>
        statusOf(getWith({ "X-Telegram-Init-Data": initData }, "/api/bots")).pipe(
          Effect.tap(() => Effect.sync(() => finished.push(name))),
          Effect.fork
        )
      const forged = yield* Effect.forEach(Array.from({ length: 20 }), (_, i) =>
        send("forged", signed(BOT, forger.privateKey, { admin: 600_000 + i }))
      )
      // Sent last, and of another kind: the bot's own HMAC, and the signature of a bot of the admin's own.
      const good = [yield* send("hmac", initDataOf(ADMIN)), yield* send("own", signed(BOT + 3))]
      assert.deepStrictEqual(yield* Fiber.join(Fiber.all(good)), [200, 200])
      assert.isBelow(finished.length, 20)
      assert.deepStrictEqual(new Set(yield* Fiber.join(Fiber.all(forged))), new Set([401]))
    })
  )
})
