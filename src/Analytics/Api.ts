import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import { botErrors } from "../Access/Api.js"
import { Authentication } from "../Auth/Authentication.js"
import { CalendarDate, dateParameter, dayCount, startsBeforeEnd, ZoneParameter } from "../Domain/Calendar.js"
import { BotIdParameter } from "../Domain/Parameters.js"

/** The longest range: two years and a day. */
export const MAX_DAYS = 731

const count = (description: string) => Schema.NonNegativeInt.annotations({ description })

export const DayFigures = Schema.Struct({
  date: CalendarDate,
  registrations: count("Users who registered"),
  payments: count("PAID payments of any kind"),
  trials: count("Trial subscriptions that started"),
  keys: count("PAID payments that were key purchases"),
  renewals: count("PAID payments that were renewals")
}).annotations({
  identifier: "DayFigures",
  jsonSchema: {
    examples: [{ date: "2026-01-31", registrations: 130, payments: 136, trials: 90, keys: 31, renewals: 91 }]
  }
})
export type DayFigures = typeof DayFigures.Type

export const AnalyticsParameters = Schema.Struct({
  bot_id: BotIdParameter,
  start_date: dateParameter("The first day", "2026-01-01"),
  end_date: dateParameter(`The last day, included. At most ${MAX_DAYS} days in all`),
  tz: Schema.optionalWith(ZoneParameter, { exact: true })
}).pipe(
  Schema.filter(
    (range) =>
      startsBeforeEnd(range) ??
      (dayCount(range.start_date, range.end_date) <= MAX_DAYS
        ? undefined
        : { path: ["end_date"], message: `must be within ${MAX_DAYS} days of start_date, both included` })
  ),
  Schema.annotations({ parseOptions: { errors: "all" } })
)
export type AnalyticsParameters = typeof AnalyticsParameters.Type

export class AnalyticsApi extends HttpApiGroup.make("analytics")
  .add(
    botErrors(
      HttpApiEndpoint.get("getAnalytics", "/api/analytics")
        .setUrlParams(AnalyticsParameters)
        .addSuccess(Schema.Array(DayFigures))
    )
      .annotate(OpenApi.Identifier, "getAnalytics")
      .annotate(OpenApi.Summary, "A bot's figures, day by day")
      .annotate(
        OpenApi.Description,
        [
          "One entry for every day from `start_date` to `end_date`, both included, zeros where nothing happened. A day is a calendar day in `tz`: from the first instant whose local date is that day to the first instant of the next, so 23, 24 or 25 hours. What a row counts as depends on the data alone, never on the range asked for: days add up to the range.",
          "",
          "- **registrations**: `users` rows by `reg_date`.",
          "- **payments**: `PAID` payments by `date`. Each is a key purchase, a renewal, or other (a top-up, a gift, an add-on).",
          "- **keys**, **renewals**: what a PAID payment was for is what its `meta` says under `kind`, else `type`, else `purpose`: `key`, `purchase`, `buy`, `new` is a key purchase; `renewal`, `renew`, `extend`, `prolong` is a renewal; any other text is other. Where `meta` says nothing, it is a key purchase if it is the user's first PAID payment in this bot, those marked other not counted, or if a subscription of the user in this bot started within 15 minutes before or after it; else a renewal.",
          "- **trials**: subscriptions by `start_date` that are trials. `meta` says yes: `trial` or `is_trial` is true, or `kind`, else `type`, is `trial`. It says no: one of these is there with another value. Where it says nothing: it is a trial if it is the user's first subscription in this bot and the user has no PAID payment in this bot up to 15 minutes after it started."
        ].join("\n")
      )
  )
  .middleware(Authentication)
  .annotate(OpenApi.Title, "Analytics")
  .annotate(OpenApi.Description, "A bot's figures over time") {}
