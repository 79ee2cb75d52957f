import * as Effect from "effect/Effect"
import { migrations } from "../migrations/index.js"
import { print, runCommand } from "./Command.js"
import * as Config from "./Config.js"
import { explainGap } from "./Database/Gaps.js"
import * as Migrator from "./Database/Migrator.js"
import { reasonsOf } from "./Facts/Setup/Inspect.js"
import { setUp } from "./Facts/Setup/Setup.js"

/**
 * `npm run migrate`: brings the database of `DATABASE_URL` to this version and ends. For those who give the service an
 * account that may only read, and run this with one that may change tables (`MIGRATE_ON_START=false`).
 */

const prepareFacts = Effect.gen(function* () {
  const { found, gaps } = yield* setUp(true)
  for (const gap of gaps) yield* print(explainGap(gap))
  if (found._tag === "Fit") yield* print("Figures can be kept up to date: the triggers are there")
  else for (const reason of reasonsOf(found)) yield* print(`Figures will be worked out each time: ${reason}`)
})

runCommand(
  Effect.gen(function* () {
    const { applied, gaps } = yield* Migrator.run(migrations)
    for (const name of applied) yield* print(`Applied ${name}`)
    if (applied.length === 0) yield* print("Nothing to apply: the database is at this version")
    for (const gap of gaps) yield* print(explainGap(gap))
    if (yield* Config.facts) yield* prepareFacts
  })
)
