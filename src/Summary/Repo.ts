import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { traced } from "../Database/Traced.js"
import type { BotId } from "../Domain/Ids.js"
import { DirectSummary } from "./Direct.js"
import { summaryFromFacts } from "./FromFacts.js"

/** A bot's figures at this moment: from facts where they are kept, and from the bot's rows where not. */
export class SummaryRepo extends Effect.Service<SummaryRepo>()("app/Summary/Repo", {
  dependencies: [DirectSummary.Default],
  effect: Effect.gen(function* () {
    const direct = yield* DirectSummary
    const fromFacts = yield* summaryFromFacts

    /** With the revenue in `asked`, else in the currency with the most payments. */
    const summary = traced("SummaryRepo.summary")((botId: BotId, asked: string | undefined) =>
      Effect.flatMap(
        fromFacts.summary(botId, asked),
        Option.match({ onNone: () => direct.summary(botId, asked), onSome: Effect.succeed })
      )
    )

    return { summary } as const
  })
}) {}
