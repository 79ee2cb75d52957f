import * as Schema from "effect/Schema"
import { column, columns } from "./Column.js"

export const subscriptions = columns("subscriptions", {
  uid: column.rowId,
  sub_uid: column.textOr("").optional,
  sub_url: column.text.optional.annotations({ description: "A live credential: do not log it or pass it on" }),
  user_id: column.telegramId,
  bot_id: column.rowId,
  status: column.textOr("").annotations({
    description: "`Active`, `Expired` and `Notified` are in use; others may appear"
  }),
  start_date: column.time,
  stop_date: column.time.optional,
  meta: column.json.optional,
  keys: column.json.optional
})

export const Subscription = Schema.Struct(subscriptions.fields).annotations({
  identifier: "Subscription",
  description: "`keys` and `sub_url` are live credentials: do not log them or pass them on",
  examples: [
    {
      uid: 44772,
      sub_uid: "ecd48af1-931a-49c8-a44e-507f8fe62662",
      sub_url: "https://sub.example.org/HCu1VkmMdfLoyXcSdloqCE",
      user_id: 5876512345,
      bot_id: 1,
      status: "Active",
      start_date: "2026-01-31T20:59:59Z",
      stop_date: "2026-02-28T20:59:59Z",
      meta: { devices: 2 },
      keys: ["vless://1db81157-fc2e-4edd-a87e-0b49fb4820c0@nl5.example.org:443"]
    }
  ]
})
export type Subscription = typeof Subscription.Type
