import { HttpApiBuilder } from "@effect/platform"
import { Effect } from "effect"
import { Api } from "../Api.js"
import { answering } from "../Server/Handled.js"
import { PaymentsApi } from "./Api.js"
import { PaymentsRepo } from "./Repo.js"

export const PaymentsHttp = HttpApiBuilder.group(Api, "payments", (handlers) =>
  Effect.gen(function* () {
    const payments = yield* PaymentsRepo
    return handlers.handle(...answering(PaymentsApi, "listPayments", ({ urlParams }) => payments.page(urlParams)))
  })
)
