import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { traced } from "../Database/Traced.js"
import type { AnalyticsParameters } from "./Api.js"
import { DirectAnalytics } from "./Direct.js"
import { analyticsFromFacts } from "./FromFacts.js"

/** A bot's figures day by day: from facts where they are kept, and from the bot's rows where not. */
export class AnalyticsRepo extends Effect.Service<AnalyticsRepo>()("app/Analytics/Repo", {
  dependencies: [DirectAnalytics.Default],
  effect: Effect.gen(function* () {
    const direct = yield* DirectAnalytics
    const fromFacts = yield* analyticsFromFacts

    const daily = traced("AnalyticsRepo.daily")((parameters: AnalyticsParameters) =>
      Effect.flatMap(
        fromFacts.daily(parameters),
        Option.match({ onNone: () => direct.daily(parameters), onSome: Effect.succeed })
      )
    )

    return { daily } as const
  })
}) {}
