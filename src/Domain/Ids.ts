import * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"

/** The largest id that Telegram gives out: 52 bits (core.telegram.org/bots/api, "User"). */
export const MAX_TELEGRAM_ID = 2 ** 52 - 1

/** A Telegram user, chat or bot id: a whole number of at most 52 bits, so a JSON number holds it exactly. */
export const TelegramId = Schema.Int.pipe(
  Schema.between(1, MAX_TELEGRAM_ID),
  Schema.annotations({ jsonSchema: { type: "integer", format: "int64", minimum: 1, maximum: MAX_TELEGRAM_ID } }),
  Schema.brand("TelegramId")
)
export type TelegramId = typeof TelegramId.Type

/** A whole number of any size: a bigint past what a number holds exactly. As JSON, a number with every digit. */
export type WholeNumber = number | bigint

const isSafe = (value: bigint) => value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER

export const isWholeNumber = (value: unknown): value is WholeNumber =>
  typeof value === "bigint" ? !isSafe(value) : Number.isSafeInteger(value)

/** Known by its schema's id to the serializer, which writes it. */
export const WholeNumberSchemaId: SchemaAST.SchemaIdAnnotation = Symbol.for("app/Domain/WholeNumber")

/** An id in a response: whatever a bot wrote, exact. */
export const Id = Schema.declare(isWholeNumber, {
  schemaId: WholeNumberSchemaId,
  arbitrary: () => (fc) =>
    fc.oneof(
      fc.maxSafeInteger(),
      fc.bigInt().filter((value) => !isSafe(value))
    ),
  jsonSchema: { type: "integer", format: "int64" }
})

/** `bots.uid`, which every parameter called `bot_id` means. */
export const BotId = Schema.Int.pipe(Schema.positive(), Schema.brand("BotId"))
export type BotId = typeof BotId.Type
