import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import { botErrors } from "../Access/Api.js"
import { Authentication } from "../Auth/Authentication.js"
import { RowId, TelegramIdColumn } from "../Domain/Ids.js"
import { Json } from "../Domain/Json.js"
import { BotIdParameter, PageFields, Paging, pageOrCursor, parameter } from "../Domain/Parameters.js"
import { UtcTime } from "../Domain/Time.js"

export const Subscription = Schema.Struct({
  uid: RowId,
  sub_uid: Schema.String,
  sub_url: Schema.NullOr(Schema.String).annotations({ description: "A live credential: do not log it or pass it on" }),
  user_id: TelegramIdColumn,
  bot_id: RowId,
  status: Schema.String.annotations({
    description: "`Active`, `Expired` and `Notified` are in use; others may appear"
  }),
  start_date: Schema.NullOr(UtcTime),
  stop_date: Schema.NullOr(UtcTime),
  meta: Json,
  keys: Json
}).annotations({
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

export const SubscriptionsPage = Schema.Struct({
  subscriptions: Schema.Array(Subscription),
  ...PageFields
}).annotations({ identifier: "SubscriptionsPage" })

export const SubscriptionsParameters = Schema.Struct({
  bot_id: BotIdParameter,
  status: Schema.optionalWith(
    parameter("must be a status such as Active").annotations({
      jsonSchema: {
        type: "string",
        minLength: 1,
        description:
          "Only those of this status, compared without regard to case. One that no row has gives an empty list",
        examples: ["Active"]
      }
    }),
    { exact: true }
  ),
  ...Paging
}).pipe(Schema.filter(pageOrCursor), Schema.annotations({ parseOptions: { errors: "all" } }))
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
