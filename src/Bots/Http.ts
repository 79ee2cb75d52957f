import { HttpApiBuilder } from "@effect/platform"
import { Effect } from "effect"
import { Api } from "../Api.js"
import { handled } from "../Server/Handled.js"
import { BotsRepo } from "./Repo.js"

export const BotsHttp = HttpApiBuilder.group(Api, "bots", (handlers) =>
  Effect.gen(function* () {
    const bots = yield* BotsRepo
    return handlers.handle(
      "listBots",
      handled(() => bots.mine)
    )
  })
)
