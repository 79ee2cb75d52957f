import { HttpApiBuilder } from "@effect/platform"
import { Effect } from "effect"
import { Api } from "../Api.js"
import { handled } from "../Server/Handled.js"
import { PaymentsRepo } from "./Repo.js"

export const PaymentsHttp = HttpApiBuilder.group(Api, "payments", (handlers) =>
  Effect.gen(function* () {
    const payments = yield* PaymentsRepo
    return handlers.handle(
      "listPayments",
      handled(({ urlParams }) => payments.page(urlParams))
    )
  })
)
