import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import { botErrors } from "../Access/Api.js"
import { Authentication } from "../Auth/Authentication.js"
import { Decimal } from "../Domain/Money.js"
import { BotIdParameter, parameter } from "../Domain/Parameters.js"

const count = (description: string) => Schema.NonNegativeInt.annotations({ description })

/** The last 30 × 24 hours, which the contract calls a month. */
export const MONTH_HOURS = 30 * 24

const Revenue = {
  total_revenue: Decimal.annotations({ description: "Sum of PAID amounts" }),
  monthly_revenue: Decimal.annotations({ description: "Sum of PAID amounts of the last 30 × 24 hours" }),
  average_check: Decimal.annotations({ description: "Mean of PAID amounts" })
}

export const CurrencyRevenue = Schema.Struct({
  currency: Schema.String.annotations({ description: "In upper case", examples: ["RUB"] }),
  payments: count("How many are PAID in this currency"),
  ...Revenue
}).annotations({ identifier: "CurrencyRevenue" })
export type CurrencyRevenue = typeof CurrencyRevenue.Type

const roubles = {
  total_revenue: Decimal.make(4543428.3),
  monthly_revenue: Decimal.make(514730.5),
  average_check: Decimal.make(281.12)
}

export const Summary = Schema.Struct({
  total_users: count("Rows of the bot's users"),
  active_users: count("Distinct users with a subscription whose status is Active"),
  new_users_month: count("Users registered in the last 30 × 24 hours"),
  ...Revenue,
  currency: Schema.NullOr(Schema.String).annotations({
    description: "The currency of the three figures of revenue; null where nothing was ever PAID"
  }),
  revenue_by_currency: Schema.Array(CurrencyRevenue).annotations({
    description: "Each currency with a PAID payment, most payments first, then by name"
  })
}).annotations({
  identifier: "Summary",
  examples: [
    {
      total_users: 24000,
      active_users: 3432,
      new_users_month: 2348,
      ...roubles,
      currency: "RUB",
      revenue_by_currency: [{ currency: "RUB", payments: 16162, ...roubles }]
    }
  ]
})

export const SummaryPath = Schema.Struct({ bot_id: BotIdParameter }).annotations({ parseOptions: { errors: "all" } })

export const SummaryParameters = Schema.Struct({
  currency: Schema.optionalWith(
    parameter("must be a currency such as RUB, XTR or USDT").annotations({
      jsonSchema: {
        type: "string",
        minLength: 1,
        description:
          "The currency of the revenue, in any case. Left out: the one with the most PAID payments, then the first by name",
        examples: ["RUB"]
      }
    }),
    { exact: true }
  )
}).annotations({ parseOptions: { errors: "all" } })

export class SummaryApi extends HttpApiGroup.make("summary")
  .add(
    botErrors(
      HttpApiEndpoint.get("getSummary", "/api/bots/:bot_id/summary")
        .setPath(SummaryPath)
        .setUrlParams(SummaryParameters)
        .addSuccess(Summary)
    )
      .annotate(OpenApi.Identifier, "getSummary")
      .annotate(OpenApi.Summary, "A bot's figures at this moment")
      .annotate(
        OpenApi.Description,
        [
          "Users and revenue of one bot, all at one moment.",
          "",
          "- **total_users**: `users` rows. **new_users_month**: those registered in the last 30 × 24 hours.",
          "- **active_users**: distinct `user_id` with a subscription whose status is `Active`.",
          "- **total_revenue**, **monthly_revenue**, **average_check**: sum, sum over the last 30 × 24 hours, and mean of the PAID amounts in one currency, the one named in `currency`. Amounts of different currencies are never added. Sums are exact.",
          "- A currency asked for in which nothing is PAID is named in the answer, with zeros."
        ].join("\n")
      )
  )
  .middleware(Authentication)
  .annotate(OpenApi.Title, "Summary")
  .annotate(OpenApi.Description, "A bot's figures at this moment") {}
