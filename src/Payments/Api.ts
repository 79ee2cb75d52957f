import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import { botErrors } from "../Access/Api.js"
import { Authentication } from "../Auth/Authentication.js"
import { dateParameter, startsBeforeEnd, ZoneParameter } from "../Domain/Calendar.js"
import { RowId, TelegramIdColumn } from "../Domain/Ids.js"
import { Json } from "../Domain/Json.js"
import { Decimal } from "../Domain/Money.js"
import { BotIdParameter, PageFields, Paging, pageOrCursor } from "../Domain/Parameters.js"
import { UtcTime } from "../Domain/Time.js"

export const Payment = Schema.Struct({
  bill_id: Schema.String,
  user_id: TelegramIdColumn,
  bot_id: RowId,
  amount: Decimal.annotations({ description: "In major units of `currency`" }),
  currency: Schema.String.annotations({ description: "In upper case", examples: ["RUB"] }),
  status: Schema.String.annotations({ description: "`PAID`, in any case, is money received; nothing else is" }),
  provider: Schema.NullOr(Schema.String),
  date: Schema.NullOr(UtcTime).annotations({
    description: "Null only where an older bot wrote a payment without a date: such a row is in no day"
  }),
  meta: Json
}).annotations({
  identifier: "Payment",
  examples: [
    {
      bill_id: "2c9f4a1e-000f-5000-8000-1b7a3d2e9c40",
      user_id: 5876512345,
      bot_id: 1,
      amount: 199,
      currency: "RUB",
      status: "PAID",
      provider: "yookassa",
      date: "2026-01-31T20:59:59Z",
      meta: { kind: "renewal", months: 1 }
    }
  ]
})
export type Payment = typeof Payment.Type

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
