import { HttpApiBuilder } from "@effect/platform"
import { Effect } from "effect"
import { Api } from "../Api.js"
import { handled } from "../Server/Handled.js"
import { AnalyticsRepo } from "./Repo.js"

export const AnalyticsHttp = HttpApiBuilder.group(Api, "analytics", (handlers) =>
  Effect.gen(function* () {
    const analytics = yield* AnalyticsRepo
    return handlers.handle(
      "getAnalytics",
      handled(({ urlParams }) => analytics.daily(urlParams))
    )
  })
)
