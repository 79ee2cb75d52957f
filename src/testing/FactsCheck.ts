import * as SqlClient from "@effect/sql/SqlClient"
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { Connection } from "mysql2/promise"
import * as BotTables from "../Database/BotTables.js"
import type { BotId } from "../Domain/Ids.js"
import { checking } from "../Facts/Keep/Check.js"
import { onOwnConnection } from "../Facts/Store/Lock.js"
import { makeClient, rowsOf, until } from "./Database.js"

/** Waits until all marks are folded, and gives what is kept of any bot but is not what its rows say. */
export const differencesOf = async (connection: Connection): Promise<ReadonlyArray<string>> => {
  await until(async () => (await rowsOf(connection, "SELECT 1 FROM bot_analytics_marks LIMIT 1")).length === 0, 20_000)
  const { host, password, port, user } = connection.config
  const [row] = await rowsOf(connection, "SELECT DATABASE() AS name")
  const address = {
    host: host ?? "",
    port: port ?? 3306,
    database: row?.name,
    username: user ?? "",
    password: Redacted.make(password ?? ""),
    tls: "off"
  } as const
  const check = Effect.gen(function* () {
    const { sql } = yield* makeClient(address)
    return yield* Effect.provideService(
      Effect.gen(function* () {
        const checkBot = yield* checking
        const tables = yield* BotTables.read
        const bots = yield* sql<{ readonly uid: BotId }>`SELECT uid FROM bots`
        return yield* Effect.forEach(bots, ({ uid }) => onOwnConnection(checkBot(uid, tables)))
      }),
      SqlClient.SqlClient,
      sql
    )
  })
  return (await Effect.runPromise(Effect.scoped(check))).flatMap(({ differences }) => differences)
}

/** All that is kept is what the rows say. */
export const checkAll = async (connection: Connection) => assert.deepStrictEqual(await differencesOf(connection), [])
