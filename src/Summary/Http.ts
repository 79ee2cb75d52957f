import { HttpApiBuilder } from "@effect/platform"
import { Effect } from "effect"
import { Api } from "../Api.js"
import { answering } from "../Server/Handled.js"
import { SummaryApi } from "./Api.js"
import { SummaryRepo } from "./Repo.js"

export const SummaryHttp = HttpApiBuilder.group(Api, "summary", (handlers) =>
  Effect.map(SummaryRepo, (repo) =>
    handlers.handle(
      ...answering(SummaryApi, "getSummary", ({ path, urlParams }) => repo.summary(path.bot_id, urlParams.currency))
    )
  )
)
