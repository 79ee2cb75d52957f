import { Effect } from "effect"
import { handlers } from "../Server/Endpoints.js"
import { SubscriptionsApi } from "./Api.js"
import { SubscriptionsRepo } from "./Repo.js"

export const SubscriptionsHttp = handlers(
  SubscriptionsApi,
  Effect.map(SubscriptionsRepo, (repo) => ({ listSubscriptions: ({ urlParams }) => repo.page(urlParams) }))
)
