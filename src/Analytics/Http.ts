import * as Effect from "effect/Effect"
import { handlers } from "../Server/Endpoints.js"
import { AnalyticsApi } from "./Api.js"
import { AnalyticsRepo } from "./Repo.js"

export const AnalyticsHttp = handlers(
  AnalyticsApi,
  Effect.map(AnalyticsRepo, (repo) => ({ getAnalytics: ({ urlParams }) => repo.daily(urlParams) }))
)
