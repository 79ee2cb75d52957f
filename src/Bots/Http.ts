import { HttpApiBuilder } from "@effect/platform"
import { Effect } from "effect"
import { Api } from "../Api.js"
import { answering } from "../Server/Handled.js"
import { BotsApi } from "./Api.js"
import { BotsRepo } from "./Repo.js"

export const BotsHttp = HttpApiBuilder.group(Api, "bots", (handlers) =>
  Effect.gen(function* () {
    const bots = yield* BotsRepo
    return handlers.handle(...answering(BotsApi, "listBots", () => bots.mine))
  })
)
