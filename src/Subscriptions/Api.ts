import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import { botErrors } from "../Access/Api.js"
import { Authentication } from "../Auth/Authentication.js"
import { BotIdParameter, PageFields, Paging, pageOrCursor, parameter } from "../Domain/Parameters.js"
import { Compression } from "../Response/Compression.js"
import { Subscription } from "../Tables/Subscriptions.js"

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
      .annotate(Compression, "padded")
      .annotate(OpenApi.Summary, "A bot's subscriptions")
      .annotate(
        OpenApi.Description,
        "Newest `start_date` first (those without one last), then highest `uid`. `keys` and `sub_url` are live credentials."
      )
  )
  .middleware(Authentication)
  .annotate(OpenApi.Title, "Subscriptions")
  .annotate(OpenApi.Description, "The access that a bot's users hold") {}
