import * as Effect from "effect/Effect"
import { handlers } from "../Server/Endpoints.js"
import { SubscriptionsApi } from "./Api.js"
import { SubscriptionsRepo } from "./Repo.js"

export const SubscriptionsHttp = handlers(
  SubscriptionsApi,
  Effect.map(SubscriptionsRepo, (repo) => ({ listSubscriptions: ({ urlParams }) => repo.page(urlParams) }))
)
