import * as Effect from "effect/Effect"
import { handlers } from "../Server/Endpoints.js"
import { SummaryApi } from "./Api.js"
import { SummaryRepo } from "./Repo.js"

export const SummaryHttp = handlers(
  SummaryApi,
  Effect.map(SummaryRepo, (repo) => ({
    getSummary: ({ path, urlParams }) => repo.summary(path.bot_id, urlParams.currency)
  }))
)
