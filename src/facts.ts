import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import { fail, print, printReasons, runCommand } from "./Command.js"
import { databaseAddress, logDatabaseAddress } from "./Config.js"
import * as BotTables from "./Database/BotTables.js"

import { run } from "./Database/Ddl.js"
import { type Gap, Gaps, orGap } from "./Database/Gaps.js"

import { TABLE as MIGRATIONS } from "./Database/Migrator.js"
import { inSnapshot } from "./Database/OwnConnection.js"
import { checking, standing } from "./Facts/Keep/Check.js"
import { followHere } from "./Facts/Keep/Command.js"
import { rounds } from "./Facts/Keep/Rounds.js"
import { dangers, inspect } from "./Facts/Setup/Inspect.js"
import { removeOldTriggers } from "./Facts/Setup/OldTriggers.js"
import { onOwnConnection } from "./Facts/Store/Session.js"
import { KEPT, TABLES } from "./Facts/Store/Tables.js"
import { NotFollowing } from "./Follower/Follower.js"
import { format } from "./Follower/Place.js"
import { botIds } from "./Tables/BotIds.js"

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

/** Those of the migrations 0004 and 0005. */
const OUR_INDEXES = [
  ...["bots_uid", "users_uid", "payments_bill", "subscriptions_uid", "bots_admin", "users_bot_reg", "users_bot_user"],
  ...["payments_bot_date", "payments_bot_user", "subscriptions_bot_start", "subscriptions_bot_user"]
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

const status = Effect.zipRight(
  tellDangers,
  whereKept((followed) =>
    Effect.gen(function* () {
      const standingOf = yield* standing
      let incomplete = 0
      for (const botId of yield* botIds) {
        const { reason, waiting } = yield* onOwnConnection(inSnapshot(standingOf(botId, followed)))
        if (reason !== undefined) incomplete++
        yield* print(`Bot ${botId}: ${reason ?? `complete, changes of ${waiting.length} users to fold`}`)
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
    if (wrong > 0) return yield* fail(["Not all is as it should be: npm run facts -- rebuild"])
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
      tell: () => Effect.void
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
const leftIndexes = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql<{ readonly statement: string }>`
    SELECT DISTINCT CONCAT('ALTER TABLE ', table_name, ' DROP INDEX ', index_name, ';') AS statement
    FROM information_schema.statistics
    WHERE table_schema = DATABASE() AND table_name IN ('bots', 'users', 'payments', 'subscriptions')
      AND index_name IN ${sql.in(OUR_INDEXES)} ORDER BY 1`
)

const remove = Effect.gen(function* () {
  const gaps = yield* Ref.make<ReadonlyArray<Gap>>([])
  const dropTables = Effect.forEach([...TABLES, MIGRATIONS], (table) => {
    const statement = `DROP TABLE IF EXISTS ${table}`
    return orGap(run(statement), { table, statement, cost: "it is left" })
  })
  yield* onOwnConnection(Effect.provideService(Effect.zipRight(removeOldTriggers, dropTables), Gaps, gaps))
  const left = yield* Ref.get(gaps)
  if (left.length > 0) yield* print("This account could not take all of it away. For one that may:")
  for (const { detail, statement } of left) yield* print(`  ${statement}; -- ${detail}`)
  const indexes = yield* leftIndexes
  if (indexes.length > 0) yield* print("Indexes that the service made, or that have its names, are left. To drop them:")
  for (const { statement } of indexes) yield* print(`  ${statement}`)
  if (left.length > 0) return yield* exitWith(1)
  yield* print("What was kept is gone. A service that starts makes it again")
})

const commands = new Map([
  ["status", status],
  ["check", check],
  ["rebuild", rebuild],
  ["remove", remove]
])

const [name = ""] = process.argv.slice(2)
runCommand(commands.get(name) ?? fail(["Say what to do: npm run facts -- <command>", ...USAGE]))
