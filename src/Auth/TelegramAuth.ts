import type { KeyObject } from "node:crypto"
import { SqlClient } from "@effect/sql"
import { Clock, Context, Duration, Effect, Option, Redacted } from "effect"
import { AppConfig } from "../Config.js"
import { orUnavailable } from "../Database/Failure.js"
import type { ServiceUnavailable } from "../Domain/Errors.js"
import {
  hmacKey,
  hmacMatches,
  type InitDataError,
  type InitDataFields,
  type InitDataUser,
  judge,
  parse,
  signingBot,
  telegramProductionKey
} from "./InitData.js"

/** The key that Telegram signs initData with for third parties: its production key, except where a test signs for it. */
export class TelegramKey extends Context.Reference<TelegramKey>()("app/Auth/TelegramKey", {
  defaultValue: (): KeyObject => telegramProductionKey
}) {}

/** Whether initData is Telegram's own, for our bot or for any bot in `bots`, and who it speaks of. */
export class TelegramAuth extends Effect.Service<TelegramAuth>()("app/Auth/TelegramAuth", {
  effect: Effect.gen(function* () {
    const { botToken, initDataMaxAge } = yield* AppConfig
    const publicKey = yield* TelegramKey
    const sql = yield* SqlClient.SqlClient
    const key = hmacKey(Redacted.value(botToken))

    // The bots of the user whom the data names come first: nearly always, one of them signed it.
    const registeredBots = (userId: number) =>
      Effect.map(
        orUnavailable(sql<{ readonly bot_id: number }>`
          SELECT bot_id FROM bots GROUP BY bot_id ORDER BY MAX(admin_id = ${userId}) DESC, bot_id`),
        (rows) => rows.map((row) => row.bot_id)
      )

    const isGenuine = (data: InitDataFields) =>
      hmacMatches(data, key)
        ? Effect.succeed(true)
        : data.signature === null
          ? Effect.succeed(false)
          : Effect.map(
              Effect.flatMap(registeredBots(data.user.id), (bots) => signingBot(data, bots, publicKey)),
              Option.isSome
            )

    /** The Telegram user whom the raw initData speaks of. */
    const verify = (raw: Redacted.Redacted): Effect.Effect<InitDataUser, InitDataError | ServiceUnavailable> =>
      Effect.gen(function* () {
        const data = yield* parse(Redacted.value(raw))
        const genuine = yield* isGenuine(data)
        const now = yield* Clock.currentTimeMillis
        const { user } = yield* judge(data, genuine, now, Duration.toMillis(initDataMaxAge))
        return user
      })

    return { verify } as const
  })
}) {}
