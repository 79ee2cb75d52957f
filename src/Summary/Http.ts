import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { apiOf } from "../Response/ApiOf.js"
import { responding } from "../Response/Respond.js"
import { SummaryApi } from "./Api.js"
import { SummaryRepo } from "./Repo.js"

export const SummaryHttp = HttpApiBuilder.group(apiOf(SummaryApi), "summary", (handlers) =>
  Effect.map(SummaryRepo, (repo) =>
    handlers.handle(
      ...responding(SummaryApi, "getSummary", ({ path, urlParams }) => repo.summary(path.bot_id, urlParams.currency))
    )
  )
).pipe(Layer.provide(SummaryRepo.Default))
