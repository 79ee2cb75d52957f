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
import { rowsOf, until } from "../testing/Database.js"
import { initDataOf, settingsFor, startService, type TestResponse } from "../testing/Service.js"

/** A database server of our own goes away in each of the ways that servers do. The service is never restarted. */

const POOL_SIZE = 3
const QUERY_TIMEOUT = 1_000

class Outage extends Context.Tag("test/Outage")<
  Outage,
  { readonly server: DatabaseServer; readonly service: Effect.Effect.Success<ReturnType<typeof startService>> }
>() {
  static readonly layer = Layer.scoped(
    Outage,
    Effect.gen(function* () {
      const kind = process.env.TEST_DATABASE === "mariadb" ? "mariadb" : "mysql"
      const server = yield* startServer({ kind, name: `outage-${process.pid}`, keep: false })
      yield* server.createDatabase("outage")
      yield* asRoot(server, async (root) => {
        await createBotTables(root)
        await loadRows(root, DATA)
        await root.query("CREATE USER app IDENTIFIED BY 'app'; GRANT ALL ON outage.* TO app")
      })
      yield* server.stop
      const address = {
        host: server.host,
        port: server.port,
        database: "outage",
        username: "app",
        password: Redacted.make("app"),
        tls: "off"
      } as const
      const settings = settingsFor(address, { poolSize: POOL_SIZE, queryTimeout: Duration.millis(QUERY_TIMEOUT) })
      return { server, service: yield* startService(settings) }
    })
  )
}

const asRoot = <A>(server: DatabaseServer, use: (connection: mysql.Connection) => Promise<A>) =>
  Effect.acquireUseRelease(
    Effect.promise(() => mysql.createConnection({ uri: server.url("outage"), multipleStatements: true })),
    (connection) => Effect.promise(() => use(connection)),
    (connection) => Effect.promise(() => connection.end())
  )

/** What is asked of the service, and what is looked at on the server. */
const tools = Effect.map(Outage, ({ server, service }) => {
  const users = () => service.get(`/api/users?bot_id=${BOT}`, OWNER)
  const login = () =>
    service.request("/api/auth/telegram", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ init_data: initDataOf(OWNER) })
    })
  const answersRight = async () => {
    const { json, status } = await users()
    if (status === 200) assert.strictEqual(json.total, DATA.users.length)
    return status === 200
  }
  return {
    server,
    users,
    login,
    answersRight,
    statusOf: async (path: string) => (await service.request(path)).status,
    sessions: asRoot(server, (root) => rowsOf(root, "SELECT 1 FROM information_schema.processlist WHERE user = 'app'")),
    load: (workers: number) => load(users, workers),
    report: (what: string) => process.env.REPORT && process.stderr.write(`${server.kind}: ${what}\n`)
  }
})

const isUnavailable = ({ headers, json, status }: TestResponse) => {
  assert.strictEqual(status, 503)
  assert.strictEqual(json._tag, "ServiceUnavailable")
  assert.isNotNull(headers.get("retry-after"))
}

const eventually = (condition: () => Promise<boolean>, withinMillis: number) =>
  Effect.promise(() => until(condition, withinMillis))

/** Asks without a pause until told to stop, and gives each answer's status and the longest wait. */
const load = (users: () => Promise<TestResponse>, workers: number) => {
  const seen = new Map<number, number>()
  let longest = 0
  let stopped = false
  const work = async () => {
    while (!stopped) {
      const started = Date.now()
      const { json, status } = await users()
      longest = Math.max(longest, Date.now() - started)
      seen.set(status, (seen.get(status) ?? 0) + 1)
      if (status === 200) assert.strictEqual(json.total, DATA.users.length)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
  const done = Promise.all(Array.from({ length: workers }, work))
  return {
    stop: async () => {
      stopped = true
      await done
      return { statuses: [...seen.keys()].sort(), seen, longest }
    }
  }
}

layer(Outage.layer, { excludeTestServices: true, timeout: Duration.seconds(90) })("the service", (it) => {
  it.effect(
    "starts while the database is down, and is ready by itself when it comes",
    () =>
      Effect.gen(function* () {
        const { answersRight, login, report, server, statusOf, users } = yield* tools
        yield* Effect.promise(async () => {
          assert.strictEqual(await statusOf("/healthz"), 200)
          assert.strictEqual(await statusOf("/readyz"), 503)
          isUnavailable(await users())
          isUnavailable(await login())
        })
        yield* server.start
        const took = yield* eventually(async () => (await statusOf("/readyz")) === 200, 10_000)
        assert.isTrue(yield* Effect.promise(answersRight))
        report(`ready ${took} ms after the first start of the database`)
      }),
    60_000
  )

  it.effect(
    "outlives a database that is killed and started again under load",
    () =>
      Effect.gen(function* () {
        const { answersRight, load, report, server, sessions, statusOf, users } = yield* tools
        const requests = load(6)
        yield* Effect.sleep(300)
        yield* server.kill("SIGKILL")
        yield* Effect.promise(async () => {
          isUnavailable(await users())
          assert.strictEqual(await statusOf("/readyz"), 503)
          assert.strictEqual(await statusOf("/healthz"), 200)
        })
        yield* server.start
        const took = yield* eventually(answersRight, 10_000)
        yield* Effect.sleep(300)
        const open = yield* sessions
        const { longest, seen, statuses } = yield* Effect.promise(requests.stop)
        // Who keeps the figures has two of his own.
        assert.isAtMost(open.length, POOL_SIZE + 2)
        assert.deepStrictEqual(statuses, [200, 503])
        assert.isBelow(longest, QUERY_TIMEOUT + 1_000)
        report(`right ${took} ms after the restart; ${JSON.stringify([...seen])}, longest ${longest} ms`)
      }),
    60_000
  )

  it.effect(
    "answers 503 in time while the database is frozen, and heals with it",
    () =>
      Effect.gen(function* () {
        const { answersRight, report, server, sessions, users } = yield* tools
        const whileFrozen = Effect.promise(async () => {
          for (let round = 0; round < 2; round++) {
            const started = Date.now()
            const answers = await Promise.all(Array.from({ length: POOL_SIZE + 3 }, users))
            const took = Date.now() - started
            answers.forEach(isUnavailable)
            assert.isBelow(took, QUERY_TIMEOUT + 500)
            report(`503 in ${took} ms while frozen`)
          }
        })
        yield* Effect.acquireUseRelease(
          server.kill("SIGSTOP"),
          () => whileFrozen,
          () => Effect.orDie(server.kill("SIGCONT"))
        )
        const took = yield* eventually(answersRight, 2_500)
        yield* eventually(async () => (await Effect.runPromise(sessions)).length <= POOL_SIZE, 10_000)
        report(`right ${took} ms after the thaw`)
      }),
    60_000
  )

  it.effect("reads from a server that fell back to read only; a login there is a 503", () =>
    Effect.gen(function* () {
      const { answersRight, login, server } = yield* tools
      const setReadOnly = (value: 0 | 1) => asRoot(server, (root) => root.query(`SET GLOBAL read_only = ${value}`))
      assert.strictEqual((yield* Effect.promise(login)).status, 200)
      yield* setReadOnly(1)
      isUnavailable(yield* Effect.promise(login))
      assert.isTrue(yield* Effect.promise(answersRight))
      yield* setReadOnly(0)
      assert.strictEqual((yield* Effect.promise(login)).status, 200)
    })
  )
})
