import { layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FC from "effect/FastCheck"
import type { Parameters } from "../testing/Client.js"
import { logIn } from "../testing/Login.js"
import { initDataOf, TestService, testService } from "../testing/Service.js"
import {
  type AskAs,
  assertLaw,
  choice,
  fillShape,
  OWNERS,
  type Owner,
  SHAPES,
  twoOwners
} from "../testing/TwoOwners.js"

/**
 * The law of two owners: whatever keys their rows share, no answer of any route holds a value of the other's, and each
 * answer is what the oracle says. `TWO_OWNERS_RUNS=3000` for a long run, `FC_SEED` for other databases, `FC_SHRINK=off` to see at once that
 * a binding that was taken out is missed.
 */
const RUNS = Number(process.env.TWO_OWNERS_RUNS ?? 8)
const SEED = Number(process.env.FC_SEED ?? 20_260_131)

const queryOf = (parameters: Parameters) => {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) query.set(name, String(value))
  return query.size === 0 ? "" : `?${query}`
}

/** Asks with initData, or with a token, whose account is a part of the statement. */
const asking = async (service: typeof TestService.Service) => {
  const tokens = new Map<Owner, string>()
  for (const owner of OWNERS) tokens.set(owner, (await logIn(service, initDataOf(owner.userId))).json.token)
  return (byToken: boolean): AskAs =>
    (owner, path, parameters) =>
      service.request(path + queryOf(parameters), {
        headers: byToken
          ? { Authorization: `Bearer ${tokens.get(owner)}` }
          : { "X-Telegram-Init-Data": initDataOf(owner.userId) }
      })
}

/** Figures come from facts where the server and the tables allow it, and from rows elsewhere: the law is the same. */
const untilFactsIfAny = async (service: typeof TestService.Service) => {
  for (let i = 0; i < 30; i++) {
    if ((await service.request("/readyz")).json?.figures === "facts") return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

for (const shape of SHAPES) {
  layer(testService({ prepare: ({ connection }) => shape.create(connection), settings: shape.settings ?? {} }), {
    timeout: "60 seconds",
    excludeTestServices: true
  })(`two owners, ${shape.name}`, (it) => {
    it.scoped(
      "see their own rows alone, each once, and right figures",
      () =>
        Effect.gen(function* () {
          const service = yield* TestService
          yield* Effect.promise(async () => {
            if (shape.settings?.facts !== "off") await untilFactsIfAny(service)
            const as = await asking(service)
            await FC.assert(
              FC.asyncProperty(twoOwners(shape.options), choice, FC.boolean(), async (data, chosen, byToken) => {
                await fillShape(service.database.connection, shape, data)
                await assertLaw(as(byToken), data, chosen)
              }),
              { seed: SEED, numRuns: RUNS, endOnFailure: process.env.FC_SHRINK === "off" }
            )
          })
        }),
      { timeout: 60_000 + RUNS * 2_000 }
    )
  })
}
