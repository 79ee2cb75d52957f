import { assert, layer } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import mysql from "mysql2/promise"
import { createBotTables, loadRows } from "../../tools/bots/Load.js"
import { type DatabaseServer, startServer } from "../../tools/database/DatabaseServer.js"
import { BOT, DATA, OWNER } from "../testing/BotRows.js"
import { routesOf } from "../testing/Database.js"
import { initDataOf, settingsFor, startService } from "../testing/Service.js"

/** A server whose defaults, and whose accounts', are none of ours changes no response. */

class Server extends Context.Tag("test/Server")<Server, DatabaseServer>() {
  static readonly layer = Layer.scoped(
    Server,
    startServer({
      kind: process.env.TEST_DATABASE === "mariadb" ? "mariadb" : "mysql",
      name: `defaults-${process.pid}`,
      keep: false
    })
  )
}

const asRoot = <A>(server: DatabaseServer, use: (connection: mysql.Connection) => Promise<A>) =>
  Effect.acquireUseRelease(
    Effect.promise(() => mysql.createConnection({ uri: server.url("mysql"), multipleStatements: true })),
    (connection) => Effect.promise(() => use(connection)),
    (connection) => Effect.promise(() => connection.end())
  )

/** Each setting that is not as we need it, in both servers' names where they have two. */
const TURNED: Readonly<Record<string, string>> = {
  autocommit: "0",
  completion_type: "'RELEASE'",
  transaction_isolation: "'SERIALIZABLE'",
  tx_isolation: "'SERIALIZABLE'",
  transaction_read_only: "1",
  tx_read_only: "1",
  time_zone: "'+05:45'",
  sql_mode: "'ANSI,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,PAD_CHAR_TO_FULL_LENGTH'",
  sql_auto_is_null: "1",
  sql_safe_updates: "1",
  sql_select_limit: "1",
  max_join_size: "1",
  sql_big_selects: "0",
  foreign_key_checks: "0",
  unique_checks: "0",
  system_versioning_asof: "'2020-01-01 00:00:00'"
}
/** For all accounts but those that may do everything; a text of the server's, run at the start of each session. */
const INIT_CONNECT = "SET NAMES latin1, autocommit = 0, sql_select_limit = 1"

const turn = (server: DatabaseServer) =>
  asRoot(server, async (root) => {
    // First, while our own session understands it.
    await root.query("SET GLOBAL init_connect = ?", [INIT_CONNECT])
    const [rows] = await root.query("SHOW GLOBAL VARIABLES")
    const known = new Set((rows as Array<{ readonly Variable_name: string }>).map((row) => row.Variable_name))
    const names = Object.keys(TURNED).filter((name) => known.has(name))
    for (const name of names) await root.query(`SET GLOBAL ${name} = ${TURNED[name]}`)
    return names
  })

/** A service over a database of its own, made by its migrations, and all that it answers. */
const answersOf = (server: DatabaseServer, database: string) =>
  Effect.gen(function* () {
    const address = {
      host: server.host,
      port: server.port,
      database,
      username: "app",
      password: Redacted.make("app"),
      tls: "off"
    } as const
    const service = yield* startService(settingsFor(address, { queryTimeout: Duration.seconds(10), facts: "off" }))
    yield* service.untilReady
    return yield* Effect.promise(async () => {
      const answers: Array<readonly [string, number, string]> = []
      const login = async () => {
        const { json, status, text } = await service.request("/api/auth/telegram", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ init_data: initDataOf(OWNER) })
        })
        answers.push(["login", status, status === 200 ? String(json.user.uid) : text])
      }
      await login()
      await login()
      for (const route of [
        ...routesOf(BOT),
        `/api/users?bot_id=${BOT}&limit=2`,
        `/api/payments?bot_id=${BOT}&page=2`
      ]) {
        const { status, text } = await service.get(route, OWNER)
        answers.push([route, status, text.replace(/"next_cursor":"[^"]*"/, "")])
      }
      return answers
    })
  }).pipe(Effect.scoped)

const prepare = (server: DatabaseServer, databases: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    for (const database of databases) yield* server.createDatabase(database)
    yield* asRoot(server, async (root) => {
      await root.query("CREATE USER app IDENTIFIED BY 'app'")
      for (const database of databases) {
        await root.query(`GRANT ALL ON ${database}.* TO app; USE ${database}; SET NAMES utf8mb4`)
        await createBotTables(root)
        await loadRows(root, DATA)
        await root.query(`UPDATE users SET username = 'Жора 🦊 \\\\"x' WHERE uid = 1`)
      }
    })
  })

layer(Server.layer, { excludeTestServices: true, timeout: Duration.seconds(90) })((it) => {
  it.effect(
    "a server with every default turned round answers as a plain one does",
    () =>
      Effect.gen(function* () {
        const server = yield* Server
        yield* prepare(server, ["plain", "turned"])
        const expected = yield* answersOf(server, "plain")
        assert.isTrue(expected.every(([, status]) => status === 200))
        const turned = yield* turn(server)
        assert.isAtLeast(turned.length, 13)
        assert.deepStrictEqual(yield* answersOf(server, "turned"), expected)
      }),
    90_000
  )
})
