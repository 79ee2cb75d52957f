import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import { botErrors } from "../Access/Api.js"
import { Authentication } from "../Auth/Authentication.js"
import { dateParameter, startsBeforeEnd, ZoneParameter } from "../Domain/Calendar.js"
import { BotIdParameter, PageFields, Paging, pageOrCursor } from "../Domain/Parameters.js"
import { Payment } from "../Tables/Payments.js"

export const PaymentsPage = Schema.Struct({ payments: Schema.Array(Payment), ...PageFields }).annotations({
  identifier: "PaymentsPage"
})

export const PaymentsParameters = Schema.Struct({
  bot_id: BotIdParameter,
  start_date: Schema.optionalWith(dateParameter("The first day; open where left out"), { exact: true }),
  end_date: Schema.optionalWith(dateParameter("The last day, included to its end; open where left out"), {
    exact: true
  }),
  tz: Schema.optionalWith(ZoneParameter, { exact: true }),
  ...Paging
}).pipe(
  Schema.filter((asked) => [startsBeforeEnd(asked), pageOrCursor(asked)].filter(Predicate.isNotUndefined)),
  Schema.annotations({ parseOptions: { errors: "all" } })
)
export type PaymentsParameters = typeof PaymentsParameters.Type

export class PaymentsApi extends HttpApiGroup.make("payments")
  .add(
    botErrors(
      HttpApiEndpoint.get("listPayments", "/api/payments").setUrlParams(PaymentsParameters).addSuccess(PaymentsPage)
    )
      .annotate(OpenApi.Identifier, "listPayments")
      .annotate(OpenApi.Summary, "A bot's payments")
      .annotate(
        OpenApi.Description,
        "Newest `date` first, then `bill_id` descending by its code points. Of all statuses; each of the dates alone or both, included."
      )
  )
  .middleware(Authentication)
  .annotate(OpenApi.Title, "Payments")
  .annotate(OpenApi.Description, "The bills of a bot, paid or not") {}
