import * as Schema from "effect/Schema"

/** The largest id that Telegram gives out: 52 bits (core.telegram.org/bots/api, "User"). */
export const MAX_TELEGRAM_ID = 2 ** 52 - 1

/** A Telegram user, chat or bot id: a whole number of at most 52 bits, so a JSON number holds it exactly. */
export const TelegramId = Schema.Int.pipe(
  Schema.between(1, MAX_TELEGRAM_ID),
  Schema.annotations({ jsonSchema: { type: "integer", format: "int64", minimum: 1, maximum: MAX_TELEGRAM_ID } }),
  Schema.brand("TelegramId")
)
export type TelegramId = typeof TelegramId.Type

/** A Telegram id in a response: whatever a bot wrote, exact. */
export const TelegramIdColumn = Schema.Int.annotations({
  jsonSchema: { type: "integer", format: "int64", minimum: 1, maximum: MAX_TELEGRAM_ID }
})

/** The `uid` of a row in a response. */
export const RowId = Schema.Int.annotations({
  jsonSchema: { type: "integer", format: "int32", minimum: 0, maximum: 2 ** 31 - 1 }
})

/** `bots.uid`, which every parameter called `bot_id` means. */
export const BotId = Schema.Int.pipe(Schema.positive(), Schema.brand("BotId"))
export type BotId = typeof BotId.Type
