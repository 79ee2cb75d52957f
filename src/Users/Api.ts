import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import { botErrors } from "../Access/Api.js"
import { Authentication } from "../Auth/Authentication.js"
import { BotIdParameter, PageFields, Paging, pageOrCursor } from "../Domain/Parameters.js"
import { User } from "../Tables/Users.js"

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
