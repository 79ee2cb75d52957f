import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import mysql from "mysql2/promise"
import { createBotTables, loadRows } from "../../tools/bots/Load.js"
import { type DatabaseServer, startServer } from "../../tools/database/DatabaseServer.js"
import { BOT, DATA, OWNER } from "../testing/BotRows.js"
import { rowsOf, until } from "../testing/Database.js"
import { initDataOf, settingsFor, startService, type TestResponse } from "../testing/Service.js"

/** A database server of our own goes away in each of the ways that servers do. The service is never restarted. */

const POOL_SIZE = 3
const QUERY_TIMEOUT = 1_000
const scope = Effect.runSync(Scope.make())
const run = <A, E>(effect: Effect.Effect<A, E, Scope.Scope>) => Effect.runPromise(Scope.extend(effect, scope))

let server: DatabaseServer
let service: Effect.Effect.Success<ReturnType<typeof startService>>

const asRoot = async <A>(use: (connection: mysql.Connection) => Promise<A>): Promise<A> => {
  const connection = await mysql.createConnection({ uri: server.url("outage"), multipleStatements: true })
  try {
    return await use(connection)
  } finally {
    await connection.end()
  }
}

beforeAll(async () => {
  const kind = process.env.TEST_DATABASE === "mariadb" ? "mariadb" : "mysql"
  server = await run(startServer({ kind, name: `outage-${process.pid}`, keep: false }))
  await run(server.createDatabase("outage"))
  await asRoot(async (root) => {
    await createBotTables(root)
    await loadRows(root, DATA)
    await root.query("CREATE USER app IDENTIFIED BY 'app'; GRANT ALL ON outage.* TO app")
  })
  await run(server.stop)
  service = await run(
    startService(
      settingsFor(
        {
          host: server.host,
          port: server.port,
          database: "outage",
          username: "app",
          password: Redacted.make("app"),
          tls: "off"
        },
        { poolSize: POOL_SIZE, queryTimeout: Duration.millis(QUERY_TIMEOUT) }
      )
    )
  )
}, 90_000)
afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)), 30_000)

const users = () => service.get(`/api/users?bot_id=${BOT}`, OWNER)
const login = () =>
  service.request("/api/auth/telegram", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ init_data: initDataOf(OWNER) })
  })
const statusOf = async (path: string) => (await service.request(path)).status
const answersRight = async () => {
  const { json, status } = await users()
  if (status === 200) assert.strictEqual(json.total, DATA.users.length)
  return status === 200
}
const isUnavailable = ({ headers, json, status }: TestResponse) => {
  assert.strictEqual(status, 503)
  assert.strictEqual(json._tag, "ServiceUnavailable")
  assert.isNotNull(headers.get("retry-after"))
}

/** Asks without a pause until told to stop, and gives each answer's status and the longest wait. */
const load = (workers: number) => {
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

const report = (what: string) => process.env.REPORT && process.stderr.write(`${server.kind}: ${what}\n`)

describe("the service", () => {
  it("starts while the database is down, and is ready by itself when it comes", async () => {
    assert.strictEqual(await statusOf("/healthz"), 200)
    assert.strictEqual(await statusOf("/readyz"), 503)
    isUnavailable(await users())
    isUnavailable(await login())
    await run(server.start)
    const took = await until(async () => (await statusOf("/readyz")) === 200, 3_000)
    assert.isTrue(await answersRight())
    report(`ready ${took} ms after the first start of the database`)
  }, 60_000)

  it("outlives a database that is killed and started again under load", async () => {
    const requests = load(6)
    await new Promise((resolve) => setTimeout(resolve, 300))
    await run(server.kill("SIGKILL"))
    isUnavailable(await users())
    assert.strictEqual(await statusOf("/readyz"), 503)
    assert.strictEqual(await statusOf("/healthz"), 200)
    await run(server.start)
    const took = await until(answersRight, 2_000)
    await new Promise((resolve) => setTimeout(resolve, 300))
    const sessions = await asRoot((root) =>
      rowsOf(root, "SELECT 1 FROM information_schema.processlist WHERE user = 'app'")
    )
    const { longest, seen, statuses } = await requests.stop()
    assert.isAtMost(sessions.length, POOL_SIZE)
    assert.deepStrictEqual(statuses, [200, 503])
    assert.isBelow(longest, QUERY_TIMEOUT + 1_000)
    report(`right ${took} ms after the restart; ${JSON.stringify([...seen])}, longest ${longest} ms`)
  }, 60_000)

  it("answers 503 in time while the database is frozen, and heals with it", async () => {
    await run(server.kill("SIGSTOP"))
    try {
      for (let round = 0; round < 2; round++) {
        const started = Date.now()
        const answers = await Promise.all(Array.from({ length: POOL_SIZE + 3 }, users))
        const took = Date.now() - started
        answers.forEach(isUnavailable)
        assert.isBelow(took, QUERY_TIMEOUT + 500)
        report(`503 in ${took} ms while frozen`)
      }
    } finally {
      await run(server.kill("SIGCONT"))
    }
    const took = await until(answersRight, 2_500)
    await until(async () => {
      const sessions = await asRoot((root) =>
        rowsOf(root, "SELECT 1 FROM information_schema.processlist WHERE user = 'app'")
      )
      return sessions.length <= POOL_SIZE
    }, 3_000)
    report(`right ${took} ms after the thaw`)
  }, 60_000)

  it("reads from a server that fell back to read only; a login there is a 503", async () => {
    assert.strictEqual((await login()).status, 200)
    await asRoot((root) => root.query("SET GLOBAL read_only = 1"))
    isUnavailable(await login())
    assert.isTrue(await answersRight())
    await asRoot((root) => root.query("SET GLOBAL read_only = 0"))
    assert.strictEqual((await login()).status, 200)
  })
})
