import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as Effect from "effect/Effect"
import { Api } from "../Api.js"
import { responding } from "../Response/Respond.js"
import { SubscriptionsApi } from "./Api.js"
import { SubscriptionsRepo } from "./Repo.js"

export const SubscriptionsHttp = HttpApiBuilder.group(Api, "subscriptions", (handlers) =>
  Effect.map(SubscriptionsRepo, (repo) =>
    handlers.handle(...responding(SubscriptionsApi, "listSubscriptions", ({ urlParams }) => repo.page(urlParams)))
  )
)
