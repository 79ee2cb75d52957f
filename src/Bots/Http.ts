import * as Effect from "effect/Effect"
import { handlers } from "../Server/Endpoints.js"
import { BotsApi } from "./Api.js"
import { BotsRepo } from "./Repo.js"

export const BotsHttp = handlers(
  BotsApi,
  Effect.map(BotsRepo, (repo) => ({ listBots: () => repo.mine }))
)
