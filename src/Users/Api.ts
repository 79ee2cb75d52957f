import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import { botErrors } from "../Access/Api.js"
import { Authentication } from "../Auth/Authentication.js"
import { RowId, TelegramIdColumn } from "../Domain/Ids.js"
import { Json } from "../Domain/Json.js"
import { Decimal } from "../Domain/Money.js"
import { BotIdParameter, PageFields, Paging, pageOrCursor } from "../Domain/Parameters.js"
import { UtcTime } from "../Domain/Time.js"

export const User = Schema.Struct({
  uid: RowId,
  user_id: TelegramIdColumn,
  bot_id: RowId,
  username: Schema.NullOr(Schema.String),
  invited: Schema.NullOr(Schema.String).annotations({ description: "Who or what brought the user" }),
  reg_date: Schema.NullOr(UtcTime),
  ref_percent: Decimal,
  meta: Json
}).annotations({
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
      ref_percent: 0,
      meta: { language_code: "ru" }
    }
  ]
})
export type User = typeof User.Type

export const UsersPage = Schema.Struct({ users: Schema.Array(User), ...PageFields }).annotations({
  identifier: "UsersPage"
})

export const UsersParameters = Schema.Struct({ bot_id: BotIdParameter, ...Paging }).pipe(
  Schema.filter(pageOrCursor),
  Schema.annotations({ parseOptions: { errors: "all" } })
)
export type UsersParameters = typeof UsersParameters.Type

export class UsersApi extends HttpApiGroup.make("users")
  .add(
    botErrors(HttpApiEndpoint.get("listUsers", "/api/users").setUrlParams(UsersParameters).addSuccess(UsersPage))
      .annotate(OpenApi.Identifier, "listUsers")
      .annotate(OpenApi.Summary, "A bot's users")
      .annotate(
        OpenApi.Description,
        "Newest `reg_date` first (those without one last), then highest `uid`. One person has one row in each bot."
      )
  )
  .middleware(Authentication)
  .annotate(OpenApi.Title, "Users")
  .annotate(OpenApi.Description, "The people registered in a bot") {}
