import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { Authentication } from "../Auth/Authentication.js"
import { InternalError, ServiceUnavailable } from "../Domain/Errors.js"
import { TelegramId } from "../Domain/Ids.js"
import { Json } from "../Domain/Json.js"
import { Decimal } from "../Domain/Money.js"

export const Bot = Schema.Struct({
  uid: Schema.Int.annotations({ description: "What every parameter called `bot_id` means" }),
  bot_id: Schema.Int.annotations({
    description: "Telegram's own id of the bot",
    jsonSchema: { type: "integer", format: "int64" }
  }),
  username: Schema.NullOr(Schema.String),
  admin_id: TelegramId,
  ref_percent: Decimal,
  balance: Decimal,
  status: Schema.String.annotations({ examples: ["ACTIVE"] }),
  meta: Json
}).annotations({ identifier: "Bot" })
export type Bot = typeof Bot.Type

export class BotsApi extends HttpApiGroup.make("bots")
  .add(
    HttpApiEndpoint.get("listBots", "/api/bots")
      .addSuccess(Schema.Array(Bot))
      .addError(ServiceUnavailable)
      .addError(InternalError)
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
