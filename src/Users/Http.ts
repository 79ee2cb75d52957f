import * as Effect from "effect/Effect"
import { handlers } from "../Server/Endpoints.js"
import { UsersApi } from "./Api.js"
import { UsersRepo } from "./Repo.js"

export const UsersHttp = handlers(
  UsersApi,
  Effect.map(UsersRepo, (repo) => ({ listUsers: ({ urlParams }) => repo.page(urlParams) }))
)
