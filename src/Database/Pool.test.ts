import { type AddressInfo, connect as connectTo, createServer, type Socket } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import type { DatabaseAddress } from "../Config.js"
import { connect, makeClient, rowsOf, until } from "../testing/Database.js"
import { makeDatabase, type TestDatabase } from "../testing/Service.js"
import { isUnavailable } from "./Failure.js"

/** A statement that takes the server for ever; SLEEP would not do, for it ends early without an error. */
const HEAVY = "SELECT COUNT(*) AS n FROM n a, n b, n c, n d WHERE a.i + b.i + c.i + d.i = -1"

const makeHeavyTable = ({ connection }: TestDatabase) =>
  Effect.promise(() =>
    connection.query(
      `CREATE TABLE n (i INT NOT NULL); INSERT INTO n VALUES ${Array.from({ length: 1000 }, (_, i) => `(${i})`).join()}`
    )
  )

const idle = { size: 2, inUse: 0, waiting: 0 }

describe("Pool", () => {
  it.scopedLive("ends a statement whose time is up, on the server too", () =>
    Effect.gen(function* () {
      const database = yield* makeDatabase
      yield* makeHeavyTable(database)
      const { pool, sql } = yield* makeClient(database.address, { queryTimeout: Duration.millis(300) })
      const started = Date.now()
      const error = yield* Effect.flip(sql.unsafe(HEAVY))
      const took = Date.now() - started
      assert.isTrue(isUnavailable(error))
      assert.isBelow(took, 800)
      const left = yield* Effect.promise(() => until(async () => !(await runsHeavy(database)), 1_000))
      assert.deepStrictEqual((yield* sql`SELECT 1 AS one`)[0], { one: 1 })
      yield* Effect.promise(() => until(() => pool.figures().inUse === 0, 1_000))
      yield* Effect.logDebug(`gave up after ${took} ms, gone from the server ${left} ms later`)
    })
  )

  it.scopedLive("ends an interrupted statement long before the server would", () =>
    Effect.gen(function* () {
      const database = yield* makeDatabase
      yield* makeHeavyTable(database)
      const { sql } = yield* makeClient(database.address, { queryTimeout: Duration.seconds(20) })
      const fiber = yield* Effect.fork(sql.unsafe(HEAVY))
      yield* Effect.promise(() => until(() => runsHeavy(database), 2_000))
      const started = Date.now()
      assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(fiber)))
      assert.isBelow(Date.now() - started, 100)
      yield* Effect.promise(() => until(async () => !(await runsHeavy(database)), 1_000))
    })
  )

  it.scopedLive("waiting for a connection counts, and more than could ever get their turn are refused at once", () =>
    Effect.gen(function* () {
      const database = yield* makeDatabase
      yield* makeHeavyTable(database)
      const { pool, sql } = yield* makeClient(database.address, { queryTimeout: Duration.millis(700) })
      const started = Date.now()
      const all = yield* Effect.fork(
        Effect.all(
          Array.from({ length: 82 }, () => Effect.exit(sql.unsafe(HEAVY))),
          { concurrency: "unbounded" }
        )
      )
      yield* Effect.promise(() => until(() => pool.figures().waiting === 80, 600))
      const refused = yield* Effect.flip(sql`SELECT 1`)
      assert.isBelow(Date.now() - started, 600)
      assert.strictEqual(refused.message, "Too many statements wait for the database")
      assert.isTrue(isUnavailable(refused))
      assert.isTrue((yield* Fiber.join(all)).every(Exit.isFailure))
      // All 82 within the time of one.
      assert.isBelow(Date.now() - started, 1_500)
      yield* Effect.promise(() => until(() => pool.figures().inUse === 0, 1_000))
      assert.deepStrictEqual(pool.figures(), idle)
    })
  )

  it.scopedLive("after a storm of 200 interrupted statements it is as it was, and has killed nobody else's", () =>
    Effect.gen(function* () {
      const database = yield* makeDatabase
      yield* makeHeavyTable(database)
      const bot = yield* connect(database.address)
      const { pool, sql } = yield* makeClient(database.address, { size: 4 })
      let connections = 0
      for (let wave = 0; wave < 5; wave++) {
        const fibers = yield* Effect.all(Array.from({ length: 40 }, () => Effect.fork(sql.unsafe(HEAVY))))
        yield* Effect.sleep(60)
        connections = Math.max(connections, yield* Effect.promise(() => sessions(database)))
        yield* Fiber.interruptAll(fibers)
      }
      const started = Date.now()
      assert.deepStrictEqual((yield* sql`SELECT 1 AS one`)[0], { one: 1 })
      assert.isBelow(Date.now() - started, 1_000)
      yield* Effect.promise(() => until(async () => !(await runsHeavy(database)), 1_000))
      assert.deepStrictEqual(pool.figures(), { size: 4, inUse: 0, waiting: 0 })
      // The pool's, the bot's and the test's own; a closed one may stay in the list for a moment.
      assert.isAtMost(connections, 4 + 2 + 4)
      assert.isAtMost(yield* Effect.promise(() => sessions(database)), 4 + 2)
      assert.lengthOf(yield* Effect.promise(() => rowsOf(bot, "SELECT 1")), 1)
    })
  )

  it.scopedLive("does not notice that the server closed its idle connections", () =>
    Effect.gen(function* () {
      const database = yield* makeDatabase
      const { sql } = yield* makeClient(database.address, { size: 3 })
      const ids = Effect.all(
        Array.from({ length: 3 }, () => sql<{ id: number; s: number }>`SELECT CONNECTION_ID() AS id, SLEEP(0.05) AS s`),
        { concurrency: "unbounded" }
      )
      for (let round = 0; round < 3; round++) {
        const before = (yield* ids).map(([row]) => row?.id)
        assert.strictEqual(new Set(before).size, 3)
        yield* Effect.promise(async () => {
          for (const id of before) await database.connection.query(`KILL ${id}`)
        })
        // At once, in the moment in which the driver may not know yet, and when it knows.
        yield* Effect.sleep(round * 20)
        assert.lengthOf(yield* ids, 3)
      }
      // The server's own way: it says so before it closes.
      yield* Effect.all(
        Array.from({ length: 3 }, () => sql.unsafe("SET SESSION wait_timeout = 1").unprepared),
        { concurrency: "unbounded" }
      )
      yield* Effect.sleep(1_500)
      assert.lengthOf(yield* ids, 3)
    })
  )

  it.scopedLive("gives idle connections back, but for one", () =>
    Effect.gen(function* () {
      const database = yield* makeDatabase
      const { sql } = yield* makeClient(database.address, { size: 5 })
      const before = yield* Effect.promise(() => sessions(database))
      const busy = sql`SELECT SLEEP(0.1)`
      yield* Effect.all([busy, busy, busy, busy, busy], { concurrency: "unbounded" })
      assert.strictEqual(yield* Effect.promise(() => sessions(database)), before + 5)
      yield* Effect.promise(() => until(async () => (await sessions(database)) === before + 1, 9_000))
      assert.deepStrictEqual(yield* sql`SELECT 1 AS one`, [{ one: 1 }])
    })
  )

  it.scopedLive("does not notice that a proxy has another server behind it, which knows none of its statements", () =>
    Effect.gen(function* () {
      const database = yield* makeDatabase
      const proxy = yield* startProxy(database.address)
      const { pool, sql } = yield* makeClient({ ...database.address, host: "127.0.0.1", port: proxy.port }, { size: 1 })
      const id = Effect.map(sql<{ id: number }>`SELECT CONNECTION_ID() AS id`, ([row]) => row?.id)
      const first = yield* id
      assert.strictEqual(yield* id, first)
      proxy.forgetStatements()
      const second = yield* id
      assert.notStrictEqual(second, first)
      assert.strictEqual(yield* id, second)
      assert.deepStrictEqual(pool.figures(), { size: 1, inUse: 0, waiting: 0 })
    })
  )

  it.scopedLive("has no more than one text in a statement", () =>
    Effect.gen(function* () {
      const database = yield* makeDatabase
      const { sql } = yield* makeClient(database.address)
      const error = yield* Effect.flip(sql.unsafe("SELECT 1; SELECT 2").unprepared)
      assert.isFalse(isUnavailable(error))
    })
  )

  it.scopedLive("wrong accounts, databases and ports fail at once, and say so without the password", () =>
    Effect.gen(function* () {
      const database = yield* makeDatabase
      const wrong = [{ username: "nobody" }, { password: Redacted.make("hunter2") }, { database: "none" }, { port: 1 }]
      for (const change of wrong) {
        const { sql } = yield* makeClient({ ...database.address, ...change })
        const started = Date.now()
        const error = yield* Effect.flip(sql`SELECT 1`)
        assert.isBelow(Date.now() - started, 1_000)
        assert.isTrue(isUnavailable(error), JSON.stringify(change))
        assert.notInclude(JSON.stringify(error) + String(error.cause), "hunter2")
      }
    })
  )
})

const STMT_EXECUTE = 0x17

/** Passes all on, but for the number of the next prepared statement, in whose place it puts one that nobody prepared. */
const startProxy = ({ host, port }: DatabaseAddress) =>
  Effect.gen(function* () {
    let forgets = false
    const sockets = new Set<Socket>()
    const server = createServer((client) => {
      const upstream = connectTo(port, host)
      for (const socket of [client, upstream]) sockets.add(socket.on("error", () => {}))
      client.on("data", (chunk) => {
        // Four bytes of the packet's head, the command, and four of the statement's number.
        if (forgets && chunk[4] === STMT_EXECUTE) {
          forgets = false
          chunk.writeUInt32LE(0x7fffffff, 5)
        }
        upstream.write(chunk)
      })
      upstream.pipe(client)
      client.on("close", () => upstream.destroy())
    })
    yield* Effect.acquireRelease(
      Effect.promise(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))),
      () =>
        Effect.sync(() => {
          server.close()
          for (const socket of sockets) socket.destroy()
        })
    )
    return {
      port: (server.address() as AddressInfo).port,
      forgetStatements: () => {
        forgets = true
      }
    }
  })

const runsHeavy = async ({ address, connection }: TestDatabase) =>
  (await rowsOf(connection, "SHOW FULL PROCESSLIST")).some(
    ({ Info, db }) => db === address.database && String(Info).startsWith("SELECT COUNT(*) AS n")
  )

const sessions = async ({ address, connection }: TestDatabase) =>
  (await rowsOf(connection, "SHOW PROCESSLIST")).filter(({ db }) => db === address.database).length
