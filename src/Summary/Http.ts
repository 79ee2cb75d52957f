import { HttpApiBuilder } from "@effect/platform"
import { Effect } from "effect"
import { Api } from "../Api.js"
import { handled } from "../Server/Handled.js"
import { SummaryRepo } from "./Repo.js"

export const SummaryHttp = HttpApiBuilder.group(Api, "summary", (handlers) =>
  Effect.gen(function* () {
    const repo = yield* SummaryRepo
    return handlers.handle(
      "getSummary",
      handled(({ path, urlParams }) => repo.summary(path.bot_id, urlParams.currency))
    )
  })
)
