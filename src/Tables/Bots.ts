import * as Schema from "effect/Schema"
import { TelegramId } from "../Domain/Ids.js"
import { Decimal } from "../Domain/Money.js"
import { column, columns } from "./Column.js"

export const bots = columns("bots", {
  uid: column.rowId,
  bot_id: column.telegramId,
  username: column.text.optional,
  admin_id: column.ownerId,
  ref_percent: column.decimal.optional,
  balance: column.decimal.optional,
  status: column.textOr("ACTIVE").optional.annotations({ examples: ["ACTIVE"] }),
  meta: column.json.optional
})

export const Bot = Schema.Struct(bots.fields).annotations({
  identifier: "Bot",
  description:
    "`uid` is what every parameter called `bot_id` means; `bot_id` here alone is Telegram's own id of the bot",
  examples: [
    {
      uid: 1,
      bot_id: 7214036581,
      username: "fox_vpn_bot",
      admin_id: TelegramId.make(777000123),
      ref_percent: Decimal.make(15),
      balance: Decimal.make(48210.55),
      status: "ACTIVE",
      meta: { lang: "ru" }
    }
  ]
})
export type Bot = typeof Bot.Type
