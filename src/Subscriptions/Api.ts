import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "@effect/platform"
import { Schema } from "effect"
import { botErrors } from "../Access/Api.js"
import { Authentication } from "../Auth/Authentication.js"
import { Json } from "../Domain/Json.js"
import { BotIdParameter, PageFields, Paging, parameter } from "../Domain/Parameters.js"
import { UtcTime } from "../Domain/Time.js"

export const Subscription = Schema.Struct({
  uid: Schema.Int,
  sub_uid: Schema.String,
  sub_url: Schema.NullOr(Schema.String).annotations({ description: "A live credential: do not log it or pass it on" }),
  user_id: Schema.Int.annotations({ jsonSchema: { type: "integer", format: "int64" } }),
  bot_id: Schema.Int.annotations({ description: "The bot's `uid`" }),
  status: Schema.String.annotations({
    description: "`Active`, `Expired` and `Notified` are in use; others may appear"
  }),
  start_date: Schema.NullOr(UtcTime),
  stop_date: Schema.NullOr(UtcTime),
  meta: Json,
  keys: Json.annotations({ description: "The access keys: live credentials", jsonSchema: {} })
}).annotations({ identifier: "Subscription" })

export const SubscriptionsPage = Schema.Struct({
  subscriptions: Schema.Array(Subscription),
  ...PageFields
}).annotations({ identifier: "SubscriptionsPage" })

export const SubscriptionsParameters = Schema.Struct({
  bot_id: BotIdParameter,
  status: Schema.optionalWith(
    parameter("must be a status such as Active").annotations({
      description:
        "Only those of this status, compared without regard to case. One that no row has gives an empty list",
      jsonSchema: { type: "string", minLength: 1, examples: ["Active"] }
    }),
    { exact: true }
  ),
  ...Paging
}).annotations({ parseOptions: { errors: "all" } })
export type SubscriptionsParameters = typeof SubscriptionsParameters.Type

export class SubscriptionsApi extends HttpApiGroup.make("subscriptions")
  .add(
    botErrors(
      HttpApiEndpoint.get("listSubscriptions", "/api/subscriptions")
        .setUrlParams(SubscriptionsParameters)
        .addSuccess(SubscriptionsPage)
    )
      .annotate(OpenApi.Identifier, "listSubscriptions")
      .annotate(OpenApi.Summary, "A bot's subscriptions")
      .annotate(
        OpenApi.Description,
        "Newest `start_date` first (those without one last), then highest `uid`. `keys` and `sub_url` are live credentials."
      )
  )
  .middleware(Authentication)
  .annotate(OpenApi.Title, "Subscriptions")
  .annotate(OpenApi.Description, "The access that a bot's users hold") {}
