import * as Effect from "effect/Effect"
import { handlers } from "../Server/Endpoints.js"
import { PaymentsApi } from "./Api.js"
import { PaymentsRepo } from "./Repo.js"

export const PaymentsHttp = handlers(
  PaymentsApi,
  Effect.map(PaymentsRepo, (repo) => ({ listPayments: ({ urlParams }) => repo.page(urlParams) }))
)
