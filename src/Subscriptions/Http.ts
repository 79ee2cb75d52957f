import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { apiOf } from "../Response/ApiOf.js"
import { responding } from "../Response/Respond.js"
import { SubscriptionsApi } from "./Api.js"
import { SubscriptionsRepo } from "./Repo.js"

export const SubscriptionsHttp = HttpApiBuilder.group(apiOf(SubscriptionsApi), "subscriptions", (handlers) =>
  Effect.map(SubscriptionsRepo, (repo) =>
    handlers.handle(...responding(SubscriptionsApi, "listSubscriptions", ({ urlParams }) => repo.page(urlParams)))
  )
).pipe(Layer.provide(SubscriptionsRepo.Default))
