import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { apiOf } from "../Response/ApiOf.js"
import { responding } from "../Response/Respond.js"
import { AnalyticsApi } from "./Api.js"
import { AnalyticsRepo } from "./Repo.js"

export const AnalyticsHttp = HttpApiBuilder.group(apiOf(AnalyticsApi), "analytics", (handlers) =>
  Effect.map(AnalyticsRepo, (repo) =>
    handlers.handle(...responding(AnalyticsApi, "getAnalytics", ({ urlParams }) => repo.daily(urlParams)))
  )
).pipe(Layer.provide(AnalyticsRepo.Default))
