import * as SqlClient from "@effect/sql/SqlClient"
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as BotTables from "../Database/BotTables.js"
import { checking } from "../Facts/Keep/Check.js"
import { followHere } from "../Facts/Keep/Command.js"
import { onOwnConnection } from "../Facts/Store/Session.js"
import { botIds } from "../Tables/BotIds.js"
import { makeClient } from "./Database.js"
import { TestService } from "./Service.js"

/** As the operator's command does it, with a follower of its own; until nothing waits to be folded. */
const check = Effect.gen(function* () {
  const { database } = yield* TestService
  const checkBot = yield* checking
  const tables = yield* BotTables.read
  const bots = yield* botIds
  // Anew each time: one that began before there were facts does not trust them.
  const reports = Effect.scoped(
    Effect.gen(function* () {
      const followed = yield* followHere(database.address, database.address.database)
      return yield* Effect.forEach(bots, (botId) => onOwnConnection(checkBot(botId, tables, followed)))
    })
  )
  const found = yield* Effect.repeat(Effect.delay(reports, "50 millis"), {
    until: (all) => all.every((report) => report._tag === "Kept" && report.waiting === 0),
    times: 400
  })
  return found.flatMap((report) =>
    report._tag === "Kept" && report.waiting === 0 ? report.differences : [JSON.stringify(report)]
  )
}).pipe(Logger.withMinimumLogLevel(LogLevel.None))

/** Waits until all changes are folded, and gives what is kept of any bot but is not what its rows say. */
export const differences = Effect.gen(function* () {
  const { database } = yield* TestService
  const { sql } = yield* makeClient(database.address)
  return yield* Effect.provideService(check, SqlClient.SqlClient, sql)
}).pipe(Effect.scoped)

/** All that is kept is what the rows say. */
export const checkAll = Effect.map(differences, (found) => assert.deepStrictEqual(found, []))
