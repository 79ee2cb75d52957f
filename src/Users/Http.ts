import { HttpApiBuilder } from "@effect/platform"
import { Effect } from "effect"
import { Api } from "../Api.js"
import { answering } from "../Server/Handled.js"
import { UsersApi } from "./Api.js"
import { UsersRepo } from "./Repo.js"

export const UsersHttp = HttpApiBuilder.group(Api, "users", (handlers) =>
  Effect.gen(function* () {
    const users = yield* UsersRepo
    return handlers.handle(...answering(UsersApi, "listUsers", ({ urlParams }) => users.page(urlParams)))
  })
)
