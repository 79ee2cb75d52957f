import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import { Authentication } from "../Auth/Authentication.js"
import { ServiceUnavailable } from "../Domain/Errors.js"
import { RowId, TelegramId, TelegramIdColumn } from "../Domain/Ids.js"
import { Json } from "../Domain/Json.js"
import { Decimal } from "../Domain/Money.js"

export const Bot = Schema.Struct({
  uid: RowId,
  bot_id: TelegramIdColumn,
  username: Schema.NullOr(Schema.String),
  admin_id: TelegramId,
  ref_percent: Decimal,
  balance: Decimal,
  status: Schema.String.annotations({ examples: ["ACTIVE"] }),
  meta: Json
}).annotations({
  identifier: "Bot",
  description:
    "`uid` is what every parameter called `bot_id` means; `bot_id` here alone is Telegram's own id of the bot",
  examples: [
    {
      uid: 1,
      bot_id: 7214036581,
      username: "fox_vpn_bot",
      admin_id: 777000123 as TelegramId,
      ref_percent: 15,
      balance: 48210.55,
      status: "ACTIVE",
      meta: { lang: "ru" }
    }
  ]
})
export type Bot = typeof Bot.Type

export class BotsApi extends HttpApiGroup.make("bots")
  .add(
    HttpApiEndpoint.get("listBots", "/api/bots")
      .addSuccess(Schema.Array(Bot))
      .addError(ServiceUnavailable)
      .annotate(OpenApi.Identifier, "listBots")
      .annotate(OpenApi.Summary, "My bots")
      .annotate(
        OpenApi.Description,
        "The bots that the admin owns, by `uid`. A bot added to the database is there from the next request on."
      )
  )
  .middleware(Authentication)
  .annotate(OpenApi.Title, "Bots")
  .annotate(OpenApi.Description, "The bots of an admin") {}
