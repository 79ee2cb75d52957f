import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import { fail, print, runCommand } from "./Command.js"
import * as BotTables from "./Database/BotTables.js"
import type { BotId } from "./Domain/Ids.js"
import { building } from "./Facts/Keep/Build.js"
import { checking } from "./Facts/Keep/Check.js"
import { inspect, reasonsOf } from "./Facts/Setup/Inspect.js"
import { onOwnConnection, withLock } from "./Facts/Store/Lock.js"
import { TABLES } from "./Facts/Store/Tables.js"
import { dropTriggers } from "./Facts/Store/Triggers.js"

/**
 * `npm run facts -- <command>`: looks after the figures that are kept up to date in the database of `DATABASE_URL`. The
 * service may run meanwhile, and the bots write.
 */

const USAGE = [
  "status   whether figures are kept, and how far they are",
  "check    compares what is kept with the bots' rows; exit code 1 where they differ",
  "rebuild  works everything out again",
  "remove   takes the triggers away and what is kept; start the service with FACTS=false, or it makes them anew"
]

/** Longer than the service ever holds the lock, unless it builds. */
const LOCK_SECONDS = 600
const SHOWN = 20

const bots = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql<{ readonly uid: BotId }>`SELECT uid FROM bots ORDER BY uid`
)

const status = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const found = yield* inspect
  if (found._tag !== "Fit") {
    for (const reason of reasonsOf(found)) yield* print(`Figures are worked out each time: ${reason}`)
    return
  }
  const rows = yield* sql<{ readonly uid: BotId; readonly built: number; readonly marks: number }>`
    SELECT b.uid AS uid, COALESCE(f.built_at IS NOT NULL AND f.signature = ${found.signature}, 0) AS built,
      (SELECT COUNT(*) FROM bot_analytics_marks m WHERE m.bot_id = b.uid) AS marks
    FROM bots b LEFT JOIN bot_analytics_bots f ON f.bot_id = b.uid ORDER BY b.uid`
  for (const { built, marks, uid } of rows) {
    yield* print(`Bot ${uid}: ${built === 1 ? "complete" : "being built, or about to be"}, ${marks} marks to fold`)
  }
})

const check = Effect.gen(function* () {
  const checkBot = yield* checking
  const tables = yield* BotTables.read
  let wrong = 0
  for (const { uid } of yield* bots) {
    const { differences, marked, users } = yield* onOwnConnection(checkBot(uid, tables))
    wrong += differences.length
    yield* print(`Bot ${uid}: ${users} users, ${marked} waiting to be folded, ${differences.length} differences`)
    for (const line of differences.slice(0, SHOWN)) yield* print(`  ${line}`)
    if (differences.length > SHOWN) yield* print(`  and ${differences.length - SHOWN} more`)
  }
  if (wrong > 0) yield* fail(["Not all is as it should be: npm run facts -- rebuild"])
})

const underLock = <E, R>(self: Effect.Effect<void, E, R>) =>
  Effect.flatMap(withLock(self, LOCK_SECONDS), (isOurs) =>
    isOurs ? Effect.void : fail(["The service has been at work on the figures for 10 minutes; try again later"])
  )

const rebuild = Effect.gen(function* () {
  const found = yield* inspect
  if (found._tag !== "Fit") return yield* fail(reasonsOf(found).map((reason) => `There is nothing to build: ${reason}`))
  const { buildBot, forget, unbuilt } = yield* building
  const tables = yield* BotTables.read
  yield* underLock(
    Effect.gen(function* () {
      for (const { uid } of yield* bots) yield* forget(uid)
      for (const bot of yield* unbuilt(found.signature)) yield* buildBot(bot, found.signature, tables, print)
    })
  )
})

const remove = underLock(
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* dropTriggers
    for (const table of TABLES) yield* sql`DELETE FROM ${sql(table)}`
    yield* print("The triggers are gone. With FACTS=false the service does not make them again")
  })
)

const commands = new Map([
  ["status", status],
  ["check", check],
  ["rebuild", rebuild],
  ["remove", remove]
])

const [name = ""] = process.argv.slice(2)
runCommand(commands.get(name) ?? fail(["Say what to do: npm run facts -- <command>", ...USAGE]))
