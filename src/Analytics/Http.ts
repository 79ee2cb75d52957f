import { Effect } from "effect"
import { handlers } from "../Server/Endpoints.js"
import { AnalyticsApi } from "./Api.js"
import { AnalyticsRepo } from "./Repo.js"

export const AnalyticsHttp = handlers(
  AnalyticsApi,
  Effect.map(AnalyticsRepo, (repo) => ({ getAnalytics: ({ urlParams }) => repo.daily(urlParams) }))
)
