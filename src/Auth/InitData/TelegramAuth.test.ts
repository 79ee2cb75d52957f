import { assert, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import { AppConfig } from "../../Config.js"
import { BOT_TOKEN, settingsFor } from "../../testing/Service.js"
import { signInitData } from "../../testing/SignInitData.js"
import { BotSignatures } from "./BotSignatures.js"
import { TelegramAuth } from "./TelegramAuth.js"

const NOW = Date.UTC(2030, 0, 1)
const nowhere = { host: "", port: 0, database: "", username: "", password: Redacted.make(""), tls: "off" } as const

const layer = TelegramAuth.DefaultWithoutDependencies.pipe(
  Layer.provide(Layer.succeed(BotSignatures, BotSignatures.make({ isSigned: () => Effect.succeed(false) }))),
  Layer.provide(Layer.succeed(AppConfig, settingsFor(nowhere, { initDataMaxAge: Duration.hours(1) })))
)

const initData = (user: object, at = NOW) =>
  signInitData(BOT_TOKEN, { auth_date: String(at / 1000), user: JSON.stringify(user) })

const verdictOn = (raw: string) =>
  Effect.flatMap(TelegramAuth, ({ verify }) => verify(Redacted.make(raw))).pipe(
    Effect.map(({ id }): unknown => id),
    Effect.catchAll((error) => Effect.succeed(error._tag))
  )

it.effect("what was seen before is judged by the time of now", () =>
  Effect.gen(function* () {
    yield* TestClock.setTime(NOW)
    const raw = initData({ id: 5 })
    assert.strictEqual(yield* verdictOn(raw), 5)
    yield* TestClock.adjust(Duration.minutes(60))
    assert.strictEqual(yield* verdictOn(raw), 5)
    yield* TestClock.adjust(Duration.millis(1))
    assert.strictEqual(yield* verdictOn(raw), "ExpiredInitData")
    // A clock that was set back: it is ahead of it by more than five minutes, then by five.
    yield* TestClock.setTime(NOW - 5 * 60_000 - 1)
    assert.strictEqual(yield* verdictOn(raw), "InvalidInitData")
    yield* TestClock.setTime(NOW - 5 * 60_000)
    assert.strictEqual(yield* verdictOn(raw), 5)
  }).pipe(Effect.provide(layer))
)

it.effect("what was refused is refused again, and nothing else with it", () =>
  Effect.gen(function* () {
    yield* TestClock.setTime(NOW)
    const good = initData({ id: 5 })
    const forged = good.replace(/hash=./, (text) => (text.endsWith("0") ? "hash=1" : "hash=0"))
    const bot = initData({ id: 6, is_bot: true })
    for (const _ of [1, 2]) {
      assert.strictEqual(yield* verdictOn(forged), "InvalidInitData")
      assert.strictEqual(yield* verdictOn(good), 5)
      assert.strictEqual(yield* verdictOn(bot), "InvalidInitData")
      assert.strictEqual(yield* verdictOn(`${good}&x=1`), "InvalidInitData")
      assert.strictEqual(yield* verdictOn(`${good}&hash=0`), "MalformedInitData")
    }
  }).pipe(Effect.provide(layer))
)
