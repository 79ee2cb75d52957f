import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { apiOf } from "../Response/ApiOf.js"
import { responding } from "../Response/Respond.js"
import { BotsApi } from "./Api.js"
import { BotsRepo } from "./Repo.js"

export const BotsHttp = HttpApiBuilder.group(apiOf(BotsApi), "bots", (handlers) =>
  Effect.map(BotsRepo, (repo) => handlers.handle(...responding(BotsApi, "listBots", () => repo.mine)))
).pipe(Layer.provide(BotsRepo.Default))
