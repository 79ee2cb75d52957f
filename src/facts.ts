import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Ref from "effect/Ref"
import { fail, print, printReasons, runCommand } from "./Command.js"
import { commandLine } from "./Config/CommandLine.js"
import { databaseAddress, logDatabaseAddress } from "./Config.js"
import * as BotTables from "./Database/BotTables.js"
import { ownIndexes, run } from "./Database/Ddl.js"
import { type Gap, Gaps, orGap } from "./Database/Gaps.js"
import * as Migrator from "./Database/Migrator.js"
import { inSnapshot } from "./Database/OwnConnection.js"
import { foreignAmong } from "./Database/OwnTables.js"
import { checking, PATIENCE } from "./Facts/Keep/Check.js"
import { followHere } from "./Facts/Keep/Command.js"
import { paced } from "./Facts/Keep/Pace.js"
import { rounds } from "./Facts/Keep/Rounds.js"
import { standing } from "./Facts/Keep/Standing.js"
import { dangers, inspect } from "./Facts/Setup/Inspect.js"
import { removeOldTriggers } from "./Facts/Setup/OldTriggers.js"
import { type Audit, auditRows, NEVER } from "./Facts/Store/Audits.js"
import { onOwnConnection } from "./Facts/Store/Session.js"
import { KEPT, OWN_TABLES } from "./Facts/Store/Tables.js"
import { NotFollowing } from "./Follower/Follower.js"
import { format } from "./Follower/Place.js"
import { botIds } from "./Tables/BotIds.js"
import { indexes } from "./Tables/Indexes.js"

/**
 * `npm run facts -- <command>`: looks after the figures that are kept up to date in the database of `DATABASE_URL`. The
 * service may run meanwhile, and the bots write.
 */

const USAGE = [
  "status   whether figures are kept, and how far they are, bot by bot",
  "check    compares what is kept with the bots' rows",
  "rebuild  works everything out again",
  "remove   takes away all tables of the service's own but the accounts; stop it first, since each start makes them anew",
  "Exit codes: 0 all is well; 1 it is not; 2 nothing is kept"
]

const SHOWN = 20
const NOTHING_IS_KEPT = 2

const exitWith = (code: number) =>
  Effect.sync(() => {
    process.exitCode = code
  })

type Followed = Effect.Effect.Success<ReturnType<typeof followHere>>

const tellDangers = Effect.flatMap(dangers, (reasons) => printReasons("Beware", reasons))

/** With the log followed; else says why nothing is kept. */
const whereKept = <E, R>(use: (followed: Followed) => Effect.Effect<void, E | NotFollowing, R>) =>
  Effect.gen(function* () {
    const { database } = yield* databaseAddress
    const log = yield* logDatabaseAddress
    const reasons = yield* inspect(log)
    if (reasons.length > 0) {
      yield* printReasons("Nothing is kept", reasons)
      return yield* exitWith(NOTHING_IS_KEPT)
    }
    const used = Effect.scoped(Effect.flatMap(followHere(log, database), use))
    yield* Effect.catchIf(
      used,
      (error) => error instanceof NotFollowing,
      ({ reason }) => fail([`The log can't be followed: ${reason}`])
    )
  })

const timeOf = (millis: number): string => new Date(millis).toISOString()

const explainAudit = ({ auditedAt, last }: Audit): string =>
  [
    auditedAt === null ? "never audited as a whole" : `audited ${timeOf(auditedAt)}`,
    last === null ? "nothing was found" : `found ${timeOf(last.at)}: ${last.what}`
  ].join(", ")

const status = Effect.zipRight(
  tellDangers,
  whereKept((followed) =>
    Effect.gen(function* () {
      const standingOf = yield* standing
      const audits = yield* Effect.flatMap(auditRows, ({ all }) => all)
      let incomplete = 0
      for (const botId of yield* botIds) {
        const found = yield* onOwnConnection(inSnapshot(standingOf(botId, followed, PATIENCE)))
        if (Either.isLeft(found)) incomplete++
        const stands = Either.match(found, {
          onLeft: (reason) => reason,
          onRight: ({ waiting }) => `complete, changes of ${waiting.length} users to fold`
        })
        yield* print(`Bot ${botId}: ${stands}; ${explainAudit(audits.get(botId) ?? NEVER)}`)
      }
      const { place } = yield* followed.follower.figures
      yield* print(`The log is read up to ${format(place)}`)
      if (incomplete > 0) yield* exitWith(1)
    })
  )
)

const check = whereKept((followed) =>
  Effect.gen(function* () {
    const checkBot = yield* checking
    const tables = yield* BotTables.read
    let [wrong, kept] = [0, 0]
    for (const botId of yield* botIds) {
      const report = yield* onOwnConnection(checkBot(botId, tables, followed))
      if (report._tag === "NotKept") {
        yield* print(`Bot ${botId}: ${report.reason}`)
        continue
      }
      const { differences, users, waiting } = report
      kept++
      wrong += differences.length
      yield* print(`Bot ${botId}: ${users} users, ${waiting} waiting to be folded, ${differences.length} differences`)
      for (const line of differences.slice(0, SHOWN)) yield* print(`  ${line}`)
      if (differences.length > SHOWN) yield* print(`  and ${differences.length - SHOWN} more`)
    }
    if (wrong > 0) return yield* fail([`Not all is as it should be: ${commandLine("facts", "rebuild")}`])
    if (kept === 0) yield* exitWith(NOTHING_IS_KEPT)
  })
)

const rebuild = whereKept((followed) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    // Of no format: deleted, and built anew by whoever holds the lease, the service or this.
    yield* sql`UPDATE ${sql(KEPT)} SET format = 0, built_at = NULL, folds = folds + 1`
    const work = yield* rounds({
      followed,
      ready: Effect.void,
      isFit: Effect.succeed(true),
      tell: paced("5 seconds")
    })
    const rest = Effect.gen(function* () {
      yield* work.want
      const done = yield* work.round
      if (done._tag !== "Done" || !done.more) yield* Effect.sleep("500 millis")
      return work.unbuilt() === 0
    }).pipe(Effect.catchTag("Fenced", () => Effect.succeed(false)))
    yield* onOwnConnection(
      Effect.zipRight(
        Effect.addFinalizer(() => Effect.ignore(work.release)),
        Effect.repeat(rest, { until: (isDone) => isDone })
      )
    )
    yield* print("All figures are built")
  })
)

/** Indexes of ours on the bots' tables may serve others by now: they are left, and this takes them away. */
const leftIndexes = Effect.map(ownIndexes(indexes), (found) =>
  found.map(({ name, table }) => `ALTER TABLE ${table} DROP INDEX ${name};`)
)

const remove = Effect.gen(function* () {
  const gaps = yield* Ref.make<ReadonlyArray<Gap>>([])
  const own = [...OWN_TABLES, Migrator.table]
  const foreign = yield* foreignAmong(own)
  for (const { message } of foreign) yield* print(`Left alone: ${message}`)
  const ours = own.filter(({ table }) => !foreign.some((other) => other.table === table))
  const dropTables = Effect.forEach(ours, ({ table }) => {
    const statement = `DROP TABLE IF EXISTS ${table}`
    return orGap(run(statement), { table, statement, cost: "it is left" })
  })
  yield* onOwnConnection(Effect.provideService(Effect.zipRight(removeOldTriggers, dropTables), Gaps, gaps))
  const left = yield* Ref.get(gaps)
  if (left.length > 0) yield* print("This account could not take all of it away. For one that may:")
  for (const { detail, statement } of left) yield* print(`  ${statement}; -- ${detail}`)
  const drops = yield* leftIndexes
  if (drops.length > 0)
    yield* print("Indexes that the service made, or that are as it makes them, are left. To drop them:")
  for (const statement of drops) yield* print(`  ${statement}`)
  if (left.length > 0) return yield* exitWith(1)
  yield* print("What was kept is gone. A service that starts makes it again")
})

const commands = new Map([
  ["status", status],
  ["check", check],
  ["rebuild", rebuild],
  ["remove", remove]
])

const [name = "", ...others] = process.argv.slice(2)
const command = others.length === 0 ? commands.get(name) : undefined
runCommand(command ?? fail([`Say what to do: ${commandLine("facts", "<command>")}`, ...USAGE]))
