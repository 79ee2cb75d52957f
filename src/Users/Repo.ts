import * as Effect from "effect/Effect"
import { traced } from "../Database/Traced.js"
import { keptTotal } from "../Facts/Within.js"
import { type Filter, Lists } from "../Lists/Lists.js"
import { users } from "../Tables/Users.js"
import type { UsersParameters } from "./Api.js"

const list = {
  order: { table: "users", time: "reg_date", key: "uid", index: "users_bot_reg" },
  columns: users
} as const

export class UsersRepo extends Effect.Service<UsersRepo>()("app/Users/Repo", {
  effect: Effect.gen(function* () {
    const lists = yield* Lists
    const totalOf = yield* keptTotal

    const all: Filter = {
      scope: [],
      conditions: [],
      kept: {
        total: (grant) => totalOf(grant, "user"),
        count: ({ metric, n }) => (metric === "user" ? n : 0)
      }
    }

    /** One page of a bot's users. */
    const page = traced("UsersRepo.page")((asked: UsersParameters) =>
      Effect.map(lists.page(list, asked, all), ({ items, ...page }) => ({ users: items, ...page }))
    )

    return { page } as const
  })
}) {}
