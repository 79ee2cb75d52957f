import * as SqlClient from "@effect/sql/SqlClient"
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as BotTables from "../Database/BotTables.js"
import type { BotId } from "../Domain/Ids.js"
import { checking } from "../Facts/Keep/Check.js"
import { onOwnConnection } from "../Facts/Store/Lock.js"
import { query } from "./Client.js"
import { makeClient } from "./Database.js"
import { eventually } from "./Eventually.js"
import { TestService } from "./Service.js"

const check = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const checkBot = yield* checking
  const tables = yield* BotTables.read
  const bots = yield* sql<{ readonly uid: BotId }>`SELECT uid FROM bots`
  const found = yield* Effect.forEach(bots, ({ uid }) => onOwnConnection(checkBot(uid, tables)))
  return found.flatMap(({ differences }) => differences)
})

/** Waits until all marks are folded, and gives what is kept of any bot but is not what its rows say. */
export const differences = Effect.gen(function* () {
  yield* eventually(
    Effect.map(query("SELECT 1 FROM bot_analytics_marks LIMIT 1"), (marks) => marks.length === 0),
    "20 seconds"
  )
  const { database } = yield* TestService
  const { sql } = yield* makeClient(database.address)
  return yield* Effect.provideService(check, SqlClient.SqlClient, sql)
}).pipe(Effect.scoped)

/** All that is kept is what the rows say. */
export const checkAll = Effect.map(differences, (found) => assert.deepStrictEqual(found, []))
