import * as Effect from "effect/Effect"
import { migrations } from "../migrations/index.js"
import { fail, print, printReasons, runCommand } from "./Command.js"
import { commandLine } from "./Config/CommandLine.js"
import * as Config from "./Config.js"
import { explainGap } from "./Database/Gaps.js"
import * as Migrator from "./Database/Migrator.js"
import { inspect } from "./Facts/Setup/Inspect.js"
import { prepare } from "./Facts/Setup/Prepare.js"
import { explainWithoutBots, isWithoutBots } from "./Startup/Names.js"

/**
 * `npm run migrate`: brings the database of `DATABASE_URL` to this version and ends. For those who give the service an
 * account that may only read, and run this with one that may change tables (`MIGRATE_ON_START=false`).
 * `npm run migrate -- --print` runs nothing, and prints each statement that this or a start would run to that end.
 */

const prepareFacts = Effect.gen(function* () {
  yield* prepare(true)
  const reasons = yield* inspect(yield* Config.logDatabaseAddress)
  if (reasons.length === 0) yield* print("Figures can be kept up to date: the log can be followed")
  yield* printReasons("Figures will be worked out each time", reasons)
})

const migrate = Effect.gen(function* () {
  const withoutBots = yield* isWithoutBots
  const { applied, gaps } = yield* Migrator.run(migrations)
  for (const name of applied) yield* print(`Applied ${name}`)
  if (applied.length === 0) yield* print("Nothing to apply: the database is at this version")
  if (withoutBots && applied.length > 0) yield* print(explainWithoutBots((yield* Config.databaseAddress).database))
  for (const gap of gaps) yield* print(explainGap(gap))
  const newer = yield* Migrator.newer(migrations)
  if (newer.length > 0) yield* print(Migrator.explainNewer(newer))
  if ((yield* Config.factsMode) !== "off") yield* prepareFacts
})

const printPlan = Effect.gen(function* () {
  const statements = yield* Migrator.planned(migrations)
  if (statements.length === 0) yield* print("-- Nothing to run: the database is at this version")
  for (const statement of statements) yield* print(`${statement};`)
})

const [option, ...others] = process.argv.slice(2)
const command = option === undefined ? migrate : option === "--print" && others.length === 0 ? printPlan : undefined
runCommand(
  command ??
    fail([
      `${commandLine("migrate")}: brings the database to this version`,
      `${commandLine("migrate", "--print")}: prints what that would run`
    ])
)
