import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { LRUCache } from "lru-cache"
import { AppConfig } from "../Config.js"
import type { ServiceUnavailable } from "../Domain/Errors.js"
import { BotSignatures } from "./BotSignatures.js"
import {
  hmacKey,
  hmacMatches,
  type InitDataError,
  type InitDataFields,
  type InitDataUser,
  judge,
  parse
} from "./InitData.js"

export { TelegramKey } from "./TelegramKey.js"

/** So many raw strings are remembered; an app that keeps no token sends the same one with every request. */
const MAX_REMEMBERED = 5_000

/** Whether initData is Telegram's own, for our bot or for any bot in `bots`, and who it speaks of. */
export class TelegramAuth extends Effect.Service<TelegramAuth>()("app/Auth/TelegramAuth", {
  dependencies: [BotSignatures.Default],
  effect: Effect.gen(function* () {
    const { botToken, initDataMaxAge } = yield* AppConfig
    const signatures = yield* BotSignatures
    const key = hmacKey(Redacted.value(botToken))
    const maxAgeMillis = Duration.toMillis(initDataMaxAge)

    /**
     * What was found signed with our bot's token, which nothing but time can make wrong: that is judged each time. What
     * Telegram signed for other bots is not here: whether they are registered is asked each time too.
     */
    const signed = new LRUCache<string, Pick<InitDataFields, "authDate" | "user">>({ max: MAX_REMEMBERED })

    const verifyAnew = (raw: string) =>
      Effect.gen(function* () {
        const data = yield* parse(raw)
        const isOurs = hmacMatches(data, key)
        if (isOurs) signed.set(raw, { authDate: data.authDate, user: data.user })
        const genuine = isOurs || (yield* signatures.isSigned(raw, data))
        return yield* judge(data, genuine, yield* Clock.currentTimeMillis, maxAgeMillis)
      })

    /** The Telegram user whom the raw initData speaks of. */
    const verify = (raw: Redacted.Redacted): Effect.Effect<InitDataUser, InitDataError | ServiceUnavailable> => {
      const text = Redacted.value(raw)
      const known = signed.get(text)
      const verdict =
        known === undefined
          ? verifyAnew(text)
          : Effect.flatMap(Clock.currentTimeMillis, (now) => judge(known, true, now, maxAgeMillis))
      return Effect.map(verdict, ({ user }) => user)
    }

    return { verify } as const
  })
}) {}
