import { HttpApiBuilder } from "@effect/platform"
import { Effect } from "effect"
import { Api } from "../Api.js"
import { answering } from "../Server/Handled.js"
import { SubscriptionsApi } from "./Api.js"
import { SubscriptionsRepo } from "./Repo.js"

export const SubscriptionsHttp = HttpApiBuilder.group(Api, "subscriptions", (handlers) =>
  Effect.gen(function* () {
    const subscriptions = yield* SubscriptionsRepo
    return handlers.handle(
      ...answering(SubscriptionsApi, "listSubscriptions", ({ urlParams }) => subscriptions.page(urlParams))
    )
  })
)
