import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as Effect from "effect/Effect"
import { Api } from "../Api.js"
import { responding } from "../Response/Respond.js"
import { UsersApi } from "./Api.js"
import { UsersRepo } from "./Repo.js"

export const UsersHttp = HttpApiBuilder.group(Api, "users", (handlers) =>
  Effect.map(UsersRepo, (repo) =>
    handlers.handle(...responding(UsersApi, "listUsers", ({ urlParams }) => repo.page(urlParams)))
  )
)
