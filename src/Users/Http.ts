import { HttpApiBuilder } from "@effect/platform"
import { Effect } from "effect"
import { Api } from "../Api.js"
import { handled } from "../Server/Handled.js"
import { UsersRepo } from "./Repo.js"

export const UsersHttp = HttpApiBuilder.group(Api, "users", (handlers) =>
  Effect.gen(function* () {
    const users = yield* UsersRepo
    return handlers.handle(
      "listUsers",
      handled(({ urlParams }) => users.page(urlParams))
    )
  })
)
