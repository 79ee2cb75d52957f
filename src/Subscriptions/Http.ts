import { HttpApiBuilder } from "@effect/platform"
import { Effect } from "effect"
import { Api } from "../Api.js"
import { handled } from "../Server/Handled.js"
import { SubscriptionsRepo } from "./Repo.js"

export const SubscriptionsHttp = HttpApiBuilder.group(Api, "subscriptions", (handlers) =>
  Effect.gen(function* () {
    const subscriptions = yield* SubscriptionsRepo
    return handlers.handle(
      "listSubscriptions",
      handled(({ urlParams }) => subscriptions.page(urlParams))
    )
  })
)
