import { HttpApiBuilder } from "@effect/platform"
import { Effect } from "effect"
import { Api } from "../Api.js"
import { answering } from "../Server/Handled.js"
import { AnalyticsApi } from "./Api.js"
import { AnalyticsRepo } from "./Repo.js"

export const AnalyticsHttp = HttpApiBuilder.group(Api, "analytics", (handlers) =>
  Effect.map(AnalyticsRepo, (analytics) =>
    handlers.handle(...answering(AnalyticsApi, "getAnalytics", ({ urlParams }) => analytics.daily(urlParams)))
  )
)
