import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as LogLevel from "effect/LogLevel"
import * as Redacted from "effect/Redacted"
import mysql from "mysql2/promise"
import { createBotTables, loadRows } from "../../tools/bots/Load.js"
import { payment, subscription, user } from "../../tools/oracle/Example.js"
import { summary } from "../../tools/oracle/Summary.js"
import { exampleOf, OWNER } from "../testing/Bots.js"
import { capturedLog } from "../testing/CapturedLog.js"
import { rowsOf, until } from "../testing/Database.js"
import { type PrivateDatabase, PrivateServer, privateServer } from "../testing/PrivateServer.js"
import {
  fetchJson,
  initDataOf,
  type Settings,
  settingsFor,
  startService,
  type TestResponse
} from "../testing/Service.js"

/** A server that says no: what it refuses is a 503 that the log explains, or an answer all the same, and never a 500. */

const rows = (count: number) => {
  const at = (i: number) => new Date(Date.UTC(2026, 0, 1 + (i % 20), 10, 0, i % 60)).toISOString()
  const some = Array.from({ length: count }, (_, i) => i + 1)
  return exampleOf({
    users: some.map((uid) => user({ uid, user_id: uid, reg_date: new Date(at(uid)) })),
    payments: some.map((i) => payment(`b${i}`, at(i), { user_id: i })),
    subscriptions: some.map((uid) => subscription(uid, at(uid), { user_id: uid }))
  })
}

const PATHS = [
  "/api/bots",
  "/api/analytics?bot_id=1&start_date=2026-01-01&end_date=2026-01-31",
  "/api/users?bot_id=1&limit=10",
  "/api/payments?bot_id=1&limit=10",
  "/api/payments?bot_id=1&limit=10&end_date=2026-01-10",
  "/api/subscriptions?bot_id=1&limit=10&status=active",
  "/api/bots/1/summary"
]

const filled = async ({ connection }: PrivateDatabase, count: number) => {
  await createBotTables(connection)
  await loadRows(connection, rows(count))
}

const logged = (database: PrivateDatabase, changes: Partial<Settings> = {}) =>
  Effect.gen(function* () {
    const log = capturedLog()
    const settings = settingsFor(database.address, { logLevel: LogLevel.Info, ...changes })
    return { service: yield* startService(settings, log.layer), log }
  })

type Service = Effect.Effect.Success<ReturnType<typeof logged>>["service"]

const login = ({ url }: Service) =>
  fetchJson(`${url}/api/auth/telegram`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ init_data: initDataOf(OWNER) })
  })

const everyRoute = async (service: Service): Promise<ReadonlyArray<readonly [string, TestResponse]>> => {
  const answers: Array<readonly [string, TestResponse]> = []
  for (const path of PATHS) answers.push([path, await service.get(path, OWNER)])
  answers.push(["login", await login(service)])
  return answers
}

const assertAllRight = async (service: Service) => {
  for (const [path, { status, text }] of await everyRoute(service)) assert.strictEqual(status, 200, `${path}: ${text}`)
}

layer(privateServer("limits"), { timeout: "90 seconds", excludeTestServices: true })("a server's limit", (it) => {
  it.scoped(
    "max_join_size that a bot's rows are over: the service becomes ready and answers, with facts and without",
    () =>
      Effect.gen(function* () {
        const { database, turned } = yield* PrivateServer
        const own = yield* database()
        yield* Effect.promise(() => filled(own, 3_000))
        yield* turned({ max_join_size: 500 })
        for (const facts of ["off", "auto"] as const) {
          const { log, service } = yield* logged(own, { facts })
          yield* Effect.promise(async () => {
            await until(async () => (await service.request("/readyz")).status === 200, 10_000)
            await assertAllRight(service)
            const { json } = await service.get("/api/bots/1/summary", OWNER)
            assert.deepStrictEqual(json, summary(rows(3_000), 1, new Date()))
            assert.notInclude(log.text(), "MAX_JOIN_SIZE")
          })
        }
      }),
    { timeout: 90_000 }
  )

  it.scoped(
    "max_prepared_stmt_count used up: answers, or 503 and a log line that names it; right again with it",
    () =>
      Effect.gen(function* () {
        const { database, root } = yield* PrivateServer
        const own = yield* database()
        yield* Effect.promise(() => filled(own, 20))
        const { log, service } = yield* logged(own, { facts: "off" })
        yield* service.untilReady
        yield* Effect.promise(async () => {
          assert.strictEqual((await service.get("/api/bots", OWNER)).status, 200)
          const [limit] = await rowsOf(root, "SELECT @@GLOBAL.max_prepared_stmt_count AS n")
          // Not one more for anybody, whatever the service has so far.
          await root.query("SET GLOBAL max_prepared_stmt_count = 0")
          let refused = 0
          try {
            for (let round = 0; round < 2; round++) {
              for (const [path, { headers, json, status, text }] of await everyRoute(service)) {
                assert.include([200, 503], status, `${path}: ${text}`)
                if (status === 200) continue
                refused++
                assert.strictEqual(json._tag, "ServiceUnavailable")
                assert.isNotNull(headers.get("retry-after"), path)
              }
            }
            // The process is ready for whoever asks what needs no new statement, and `/readyz` does not fail itself.
            assert.include([200, 503], (await service.request("/readyz")).status)
          } finally {
            await root.query("SET GLOBAL max_prepared_stmt_count = ?", [limit.n])
          }
          if (refused > 0) assert.include(log.text(), "max_prepared_stmt_count")
          for (const line of log.lines) assert.notInclude(["ERROR", "FATAL"], line.level, JSON.stringify(line))
          await until(async () => (await everyRoute(service)).every(([, { status }]) => status === 200), 5_000)
        })
      }),
    { timeout: 60_000 }
  )

  it.scoped(
    "an account with fewer connections than the pool: requests wait, idle ones are given back, a log line names the setting",
    () =>
      Effect.gen(function* () {
        const MOST = 5
        const { database, root } = yield* PrivateServer
        const own = yield* database(`MAX_USER_CONNECTIONS ${MOST}`)
        yield* Effect.promise(() => filled(own, 200))
        const { log, service } = yield* logged(own, { poolSize: 10 })
        yield* service.untilReady
        yield* Effect.promise(async () => {
          for (let burst = 0; burst < 4; burst++) {
            const paths = Array.from({ length: 40 }, (_, i) => PATHS[(i + burst) % PATHS.length] ?? "")
            const answers = await Promise.all(paths.map((path) => service.get(path, OWNER)))
            const statuses = answers.map(({ status }) => status)
            assert.deepStrictEqual([...new Set(statuses)], [200], `burst ${burst}: ${statuses.join(" ")}`)
          }
          // The bot is the same account. Some seconds after the rush there is room for it, and for a second one.
          const bots = await connectedWithin(own, 2, 15_000)
          for (const [i, bot] of bots.entries()) {
            await bot.query(
              `INSERT INTO payments (bill_id, user_id, bot_id, amount, currency, status, date)
               VALUES ('of a bot ${i}', 1, 1, 1, 'RUB', 'PAID', '2026-01-21')`
            )
          }
          await assertAllRight(service)
          // With the bots' two there are three for us.
          const answers = await Promise.all(Array.from({ length: 40 }, () => service.get(PATHS[3] ?? "", OWNER)))
          for (const { json, status, text } of answers) {
            assert.strictEqual(status, 200, text)
            assert.strictEqual(json.total, 202)
          }
          for (const bot of bots) await bot.end()
          const named = log.messages.filter((line) => line.includes("DATABASE_POOL_SIZE"))
          assert.lengthOf(named, 1, log.text())
          await until(async () => (await sessionsOf(root, own)).length <= 3, 15_000)
          await assertAllRight(service)
        })
      }),
    { timeout: 90_000 }
  )

  it.scoped(
    "max_connections that others have used up: the service answers over what it has, and has its own again afterwards",
    () =>
      Effect.gen(function* () {
        const { database, turned } = yield* PrivateServer
        const own = yield* database()
        yield* Effect.promise(() => filled(own, 50))
        const { log, service } = yield* logged(own, { poolSize: 6, facts: "off" })
        yield* service.untilReady
        // By then what an earlier version left has been looked for too, on a connection beside the pool.
        yield* Effect.promise(() => assertAllRight(service))
        yield* turned({ max_connections: 10 })
        yield* Effect.promise(async () => {
          const others = await asManyAsThereAre(own)
          const answers = await Promise.all(
            Array.from({ length: 60 }, (_, i) => service.get(PATHS[i % PATHS.length] ?? "", OWNER))
          )
          for (const { status, text } of answers) assert.strictEqual(status, 200, text)
          const named = log.messages.filter((line) => line.includes("DATABASE_POOL_SIZE"))
          assert.lengthOf(named, 1, log.text())
          for (const other of others) await other.end()
        })
      }),
    { timeout: 60_000 }
  )

  it.scoped(
    "max_allowed_packet that a statement is over: 503 and a log line that names it, and right again with it",
    () =>
      Effect.gen(function* () {
        const { database, turned } = yield* PrivateServer
        const own = yield* database()
        yield* Effect.promise(() => filled(own, 20))
        const { log, service } = yield* logged(own, { facts: "off" })
        yield* service.untilReady
        yield* Effect.scoped(
          Effect.gen(function* () {
            yield* turned({ max_allowed_packet: 1024, net_buffer_length: 1024 })
            // Each session has the limit of its start.
            const { service: another } = yield* logged(own, { facts: "off" })
            yield* Effect.promise(async () => {
              for (const [path, { status }] of await everyRoute(another)) assert.strictEqual(status, 503, path)
            })
          })
        )
        yield* Effect.promise(() => assertAllRight(service))
        for (const line of log.lines) assert.notInclude(["ERROR", "FATAL"], line.level, JSON.stringify(line))
      }),
    { timeout: 60_000 }
  )
})

const sessionsOf = (root: mysql.Connection, { account }: PrivateDatabase) =>
  rowsOf(root, `SELECT id FROM information_schema.processlist WHERE user = '${account}'`)

const connectAs = ({ account, address: { database, host, password, port } }: PrivateDatabase) =>
  mysql.createConnection({ host, port, database, user: account, password: Redacted.value(password) })

const isRefusal = (error: unknown, number: number) => error instanceof Error && Reflect.get(error, "errno") === number

/** Connections of a bot, with the service's account, each as soon as the server lets it in. */
const connectedWithin = async (database: PrivateDatabase, count: number, withinMillis: number) => {
  const open: Array<mysql.Connection> = []
  await until(async () => {
    try {
      open.push(await connectAs(database))
    } catch (error) {
      if (!isRefusal(error, 1226)) throw error
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    return open.length >= count
  }, withinMillis)
  return open
}

/** Connections of somebody else, until the server has no more for anybody. */
const asManyAsThereAre = async (database: PrivateDatabase) => {
  const open: Array<mysql.Connection> = []
  for (;;) {
    try {
      open.push(await connectAs(database))
    } catch (error) {
      if (!isRefusal(error, 1040)) throw error
      return open
    }
  }
}
