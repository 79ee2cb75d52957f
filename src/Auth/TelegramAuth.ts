import { Clock, Duration, Effect, Redacted } from "effect"
import { AppConfig } from "../Config.js"
import type { ServiceUnavailable } from "../Domain/Errors.js"
import { BotSignatures } from "./BotSignatures.js"
import { hmacKey, hmacMatches, type InitDataError, type InitDataUser, judge, parse } from "./InitData.js"

export { TelegramKey } from "./TelegramKey.js"

/** Whether initData is Telegram's own, for our bot or for any bot in `bots`, and who it speaks of. */
export class TelegramAuth extends Effect.Service<TelegramAuth>()("app/Auth/TelegramAuth", {
  dependencies: [BotSignatures.Default],
  effect: Effect.gen(function* () {
    const { botToken, initDataMaxAge } = yield* AppConfig
    const signatures = yield* BotSignatures
    const key = hmacKey(Redacted.value(botToken))

    /** The Telegram user whom the raw initData speaks of. */
    const verify = (raw: Redacted.Redacted): Effect.Effect<InitDataUser, InitDataError | ServiceUnavailable> =>
      Effect.gen(function* () {
        const text = Redacted.value(raw)
        const data = yield* parse(text)
        const genuine = hmacMatches(data, key) || (yield* signatures.isSigned(text, data))
        const now = yield* Clock.currentTimeMillis
        const { user } = yield* judge(data, genuine, now, Duration.toMillis(initDataMaxAge))
        return user
      })

    return { verify } as const
  })
}) {}
