import * as Schema from "effect/Schema"
import { Decimal } from "../Domain/Money.js"
import { column, columns } from "./Column.js"

export const users = columns("users", {
  uid: column.rowId,
  user_id: column.telegramId,
  bot_id: column.rowId,
  username: column.text.optional,
  invited: column.text.optional.annotations({ description: "Who or what brought the user" }),
  reg_date: column.time,
  ref_percent: column.decimal.optional,
  meta: column.json.optional
})

export const User = Schema.Struct(users.fields).annotations({
  identifier: "User",
  description: "A user of a bot; also a dashboard account, which is a user of no bot and has `bot_id` 0",
  examples: [
    {
      uid: 49997,
      user_id: 5876512345,
      bot_id: 1,
      username: "max",
      invited: "ref_8778557407",
      reg_date: "2026-01-31T20:59:59Z",
      ref_percent: Decimal.make(0),
      meta: { language_code: "ru" }
    }
  ]
})
export type User = typeof User.Type
