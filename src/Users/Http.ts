import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { apiOf } from "../Response/ApiOf.js"
import { responding } from "../Response/Respond.js"
import { UsersApi } from "./Api.js"
import { UsersRepo } from "./Repo.js"

export const UsersHttp = HttpApiBuilder.group(apiOf(UsersApi), "users", (handlers) =>
  Effect.map(UsersRepo, (repo) =>
    handlers.handle(...responding(UsersApi, "listUsers", ({ urlParams }) => repo.page(urlParams)))
  )
).pipe(Layer.provide(UsersRepo.Default))
