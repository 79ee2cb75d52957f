import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { apiOf } from "../Response/ApiOf.js"
import { responding } from "../Response/Respond.js"
import { PaymentsApi } from "./Api.js"
import { PaymentsRepo } from "./Repo.js"

export const PaymentsHttp = HttpApiBuilder.group(apiOf(PaymentsApi), "payments", (handlers) =>
  Effect.map(PaymentsRepo, (repo) =>
    handlers.handle(...responding(PaymentsApi, "listPayments", ({ urlParams }) => repo.page(urlParams)))
  )
).pipe(Layer.provide(PaymentsRepo.Default))
