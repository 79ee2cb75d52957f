import * as HttpApi from "@effect/platform/HttpApi"
import * as OpenApi from "@effect/platform/OpenApi"
import { AnalyticsApi } from "./Analytics/Api.js"
import { AuthApi } from "./Auth/Api.js"
import { BotsApi } from "./Bots/Api.js"
import { HeadersTooLarge, InternalError } from "./Domain/Errors.js"
import { finishDocument } from "./OpenApi.js"
import { PaymentsApi } from "./Payments/Api.js"
import { API_ID } from "./Response/ApiOf.js"
import { SubscriptionsApi } from "./Subscriptions/Api.js"
import { SummaryApi } from "./Summary/Api.js"
import { SystemApi } from "./System/Api.js"
import { UsersApi } from "./Users/Api.js"

/** Every route of the service. The OpenAPI document is derived from it. */
export class Api extends HttpApi.make(API_ID)
  .add(AuthApi)
  .add(BotsApi)
  .add(AnalyticsApi)
  .add(SummaryApi)
  .add(UsersApi)
  .add(PaymentsApi)
  .add(SubscriptionsApi)
  .add(SystemApi)
  .addError(InternalError)
  .addError(HeadersTooLarge)
  .annotate(OpenApi.Title, "Bot Analytics API")
  .annotate(OpenApi.Version, "0.1.0")
  .annotate(
    OpenApi.Description,
    [
      "What a bot owner's dashboard shows: bots, day-by-day analytics, users, payments, subscriptions and a summary.",
      "",
      "**Errors**, on every path, are JSON: `_tag` is for the program, `message` for a person; validation errors have `issues` too. Every answer has an `X-Request-Id`; for a 5xx it finds the line in the service's log.",
      "",
      "**Order of refusals**: credentials (401), then parameters (400), then access (403). A route about a bot answers its admin only; a foreign bot and one that does not exist get the same 403.",
      "",
      '**initData.** A Mini App has it in `window.Telegram.WebApp.initData`, and sends it as it is, with every request or once to log in. To try it by hand, open the Mini App on web.telegram.org, or in Telegram Desktop with "Enable webview inspecting" (Settings, Advanced, Experimental settings), and read that variable in the console of its developer tools. It is good for a day, unless the service was told otherwise. Without a Mini App: `npm run demo` prints a token.',
      "",
      "**Limits.** A login's answer says in `RateLimit-Limit`, `-Remaining` and `-Reset` how many attempts are left. A 429 and a 503 say in `Retry-After` when to come back.",
      "",
      "**Times** are ISO 8601 in UTC. **Money** is a JSON number in major units. **Telegram ids** are numbers of at most 52 bits."
    ].join("\n")
  )
  .annotate(OpenApi.License, { name: "MIT" })
  .annotate(OpenApi.Transform, finishDocument) {}
