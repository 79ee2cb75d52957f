import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { DatabaseAddress } from "../../src/Config.js"
import { contents, rowsOf, schemaOf } from "../../src/testing/Database.js"
import { makeDatabase, type TestDatabase } from "../../src/testing/Service.js"
import { createBotTables } from "../bots/Load.js"
import { freePort } from "../database/Connection.js"
import { signal } from "../database/Processes.js"
import { fill } from "./Fill.js"
import { script, startDemo } from "./testing/DemoProcess.js"

const SCALE = 0.02
/** For those that start the whole demo, on a machine that has much else to do. */
const PATIENCE = 120_000

const urlOf = ({ database, host, password, port, username }: DatabaseAddress): string =>
  `mysql://${encodeURIComponent(username)}:${encodeURIComponent(Redacted.value(password))}@${host}:${port}/${database}`

/** What `fill` says, and how it ends: the message of its refusal, or undefined. */
const fillIt = (address: DatabaseAddress) =>
  Effect.gen(function* () {
    const words: Array<string> = []
    const output = { write: (text: string) => words.push(text) }
    const error = yield* Effect.match(fill({ address, privateServer: false, scale: SCALE, output }), {
      onSuccess: () => undefined,
      onFailure: ({ message }) => message
    })
    return { said: words.join(""), error }
  })

const run = (database: TestDatabase, statements: string) => Effect.promise(() => database.connection.query(statements))

const rows = (database: TestDatabase, statement: string) => Effect.promise(() => rowsOf(database.connection, statement))

/** Everything that the database holds: equal, if nothing was written. */
const everything = ({ connection }: TestDatabase) =>
  Effect.promise(async () => ({
    schema: await schemaOf(connection),
    rows: await (await contents(connection)).checksum()
  }))

/** A database that is named for the demo; there only if it is made. */
const named = (made: boolean) =>
  Effect.gen(function* () {
    const { address, connection } = yield* makeDatabase
    const name = `${address.database}_demo`
    yield* Effect.acquireRelease(
      Effect.promise(() => connection.query(made ? `CREATE DATABASE ${name}; USE ${name}` : "DO 0")),
      () => Effect.promise(() => connection.query(`DROP DATABASE IF EXISTS ${name}`))
    )
    return { address: { ...address, database: name }, connection } satisfies TestDatabase
  })

const count = (database: TestDatabase, table: string) =>
  Effect.map(rows(database, `SELECT COUNT(*) AS n FROM ${database.address.database}.${table}`), ([row]) =>
    Number(row.n)
  )

const USERS = 1000

const strangersUsers = `INSERT INTO users (user_id, bot_id) VALUES (111, 1), (222, 1)`

describe("a database that somebody else made", () => {
  it.scopedLive(
    "keeps its users beside an empty table of bots, and the demo says what it found",
    () =>
      Effect.gen(function* () {
        const database = yield* makeDatabase
        yield* Effect.promise(() => createBotTables(database.connection))
        yield* run(database, `DROP TABLE payments, subscriptions; ${strangersUsers}`)
        const before = yield* everything(database)
        const demo = yield* startDemo(script, {
          DATABASE_URL: urlOf(database.address),
          PORT: String(yield* freePort)
        })
        assert.strictEqual(yield* demo.ended, 1)
        assert.strictEqual(
          demo.said(),
          `The demo fills only a database whose name ends in "_demo"; "${database.address.database}" holds users 2. ` +
            "Nothing was written. Without DATABASE_URL the demo has a server of its own.\n"
        )
        assert.deepStrictEqual(yield* everything(database), before)
      }),
    PATIENCE
  )

  it.scopedLive("is left alone even if it is empty, or is not there", () =>
    Effect.gen(function* () {
      const database = yield* makeDatabase
      assert.match((yield* fillIt(database.address)).error ?? "", /ends in "_demo".*holds no rows of bots/)
      assert.strictEqual((yield* everything(database)).schema, "")
      const nowhere = { ...database.address, database: "not_there" }
      assert.match((yield* fillIt(nowhere)).error ?? "", /^There is no database "not_there" .* ends in "_demo"\.$/)
    })
  )

  it.scopedLive("keeps every row, also if it is named for the demo", () =>
    Effect.gen(function* () {
      const database = yield* named(true)
      yield* Effect.promise(() => createBotTables(database.connection))
      yield* run(database, strangersUsers)
      const before = yield* everything(database)
      assert.match((yield* fillIt(database.address)).error ?? "", /holds users 2, which it did not make/)
      assert.deepStrictEqual(yield* everything(database), before)
    })
  )

  it.scopedLive("is not written to through a view", () =>
    Effect.gen(function* () {
      const other = yield* makeDatabase
      const database = yield* named(true)
      yield* Effect.promise(() => createBotTables(other.connection))
      yield* run(other, `CREATE TABLE ${other.address.database}.live LIKE users`)
      yield* run(
        database,
        `DROP TABLE IF EXISTS users; CREATE VIEW users AS SELECT * FROM ${other.address.database}.live`
      )
      assert.match((yield* fillIt(database.address)).error ?? "", /users is a view/)
      assert.strictEqual(yield* count(other, "live"), 0)
    })
  )
})

describe("a database that is named for the demo", () => {
  it.scopedLive("is made where it is missing, filled, and then left as it is", () =>
    Effect.gen(function* () {
      const database = yield* named(false)
      const first = yield* fillIt(database.address)
      assert.isUndefined(first.error)
      assert.match(first.said, /\d+% \([\d,]+ of [\d,]+\), about \d+ s left\n/)
      yield* run(database, `USE ${database.address.database}`)
      assert.strictEqual(yield* count(database, "users"), USERS)
      const before = yield* everything(database)
      assert.deepStrictEqual(yield* fillIt(database.address), { error: undefined, said: "" })
      assert.deepStrictEqual(yield* everything(database), before)
    })
  )

  it.scopedLive("is filled where an older bot's tables are there, and empty", () =>
    Effect.gen(function* () {
      const database = yield* named(true)
      yield* Effect.promise(() => createBotTables(database.connection, { bare: true }))
      assert.isUndefined((yield* fillIt(database.address)).error)
      assert.strictEqual(yield* count(database, "users"), USERS)
    })
  )

  it.scopedLive(
    "has to be made by an administrator where the account may not: the line that says so can be pasted",
    () =>
      Effect.gen(function* () {
        const database = yield* named(false)
        const username = `u${database.address.database.slice(-14)}`
        yield* Effect.acquireRelease(run(database, `CREATE USER ${username} IDENTIFIED BY 'for tests'`), () =>
          run(database, `DROP USER ${username}`)
        )
        const address = { ...database.address, username, password: Redacted.make("for tests") }
        const { error = "" } = yield* fillIt(address)
        assert.match(error, /^There is no database .* for the account .*\. An administrator may run: (.*;)$/)
        yield* run(database, error.slice(error.indexOf("run: ") + 5))
        assert.isUndefined((yield* fillIt(address)).error)
      })
  )

  it.scopedLive("is not waited for where no server answers, or where the password is wrong", () =>
    Effect.gen(function* () {
      const { address } = yield* named(false)
      const nowhere = { ...address, port: yield* freePort }
      assert.match((yield* fillIt(nowhere)).error ?? "", /^The demo can't reach .*: .*ECONNREFUSED/)
      const wrong = { ...address, username: "nobody_knows_me", password: Redacted.make("wrong") }
      assert.match((yield* fillIt(wrong)).error ?? "", /^The demo can't reach .*: Access denied/)
    })
  )

  it.scopedLive("is filled by one demo at a time", () =>
    Effect.gen(function* () {
      const database = yield* named(true)
      yield* rows(database, `SELECT GET_LOCK(LEFT('demo ${database.address.database}', 64), 0)`)
      assert.match((yield* fillIt(database.address)).error ?? "", /^Another demo is just loading/)
      assert.strictEqual((yield* everything(database)).schema, "")
    })
  )
})

describe("a load that was broken off", () => {
  for (const how of ["SIGINT", "SIGKILL"] as const) {
    it.scopedLive(
      `by ${how} is noticed, and the database made anew that the demo made`,
      () =>
        Effect.gen(function* () {
          const database = yield* named(false)
          const demo = yield* startDemo(script, {
            DATABASE_URL: urlOf(database.address),
            PORT: String(yield* freePort),
            DEMO_SCALE: "0.3"
          })
          yield* demo.saying("25%")
          signal(demo.pid, how)
          assert.strictEqual(yield* demo.ended, how === "SIGKILL" ? "SIGKILL" : 0)
          assert.isAbove(yield* count(database, "users"), USERS)
          const again = yield* fillIt(database.address)
          assert.isUndefined(again.error)
          assert.match(again.said, /^An earlier load was broken off: the demo's database is made anew\.\n/)
          assert.strictEqual(yield* count(database, "users"), USERS)
        }),
      PATIENCE
    )
  }

  const brokenOff = (database: TestDatabase) =>
    run(database, "UPDATE bot_analytics_demo SET loaded = NULL; DELETE FROM payments LIMIT 10")

  it.scopedLive("is only told of in a database that the demo did not make: the line that says so can be pasted", () =>
    Effect.gen(function* () {
      const database = yield* named(true)
      yield* fillIt(database.address)
      yield* brokenOff(database)
      const before = yield* everything(database)
      const { error = "" } = yield* fillIt(database.address)
      assert.match(error, /was broken off \(bots 5, users 1,000, .*\); to begin anew, run: .* Nothing was written\.$/)
      assert.deepStrictEqual(yield* everything(database), before)
      yield* run(database, /run: (.*;)/.exec(error)?.[1] ?? "")
      assert.isUndefined((yield* fillIt(database.address)).error)
      assert.strictEqual(yield* count(database, "users"), USERS)
    })
  )

  it.scopedLive("is only told of where somebody else's table has come beside the data", () =>
    Effect.gen(function* () {
      const database = yield* named(false)
      yield* fillIt(database.address)
      yield* run(database, `USE ${database.address.database}`)
      yield* brokenOff(database)
      yield* run(database, "CREATE TABLE notes (id INT)")
      assert.match((yield* fillIt(database.address)).error ?? "", /was broken off/)
      assert.strictEqual(yield* count(database, "notes"), 0)
    })
  )
})

describe("data of yesterday", () => {
  const aged = Effect.gen(function* () {
    const database = yield* named(false)
    yield* fillIt(database.address)
    yield* run(database, `USE ${database.address.database}`)
    yield* run(database, "UPDATE bot_analytics_demo SET began = began - INTERVAL 1 DAY")
    return database
  })

  it.scopedLive("are made anew where the demo made all that is there", () =>
    Effect.gen(function* () {
      const database = yield* aged
      assert.match((yield* fillIt(database.address)).said, /^The data end on .*: the demo's database is made anew\.\n/)
      assert.deepStrictEqual(yield* fillIt(database.address), { error: undefined, said: "" })
    })
  )

  it.scopedLive("stay where somebody has written a row of his own", () =>
    Effect.gen(function* () {
      const database = yield* aged
      yield* run(database, strangersUsers)
      const again = yield* fillIt(database.address)
      assert.isUndefined(again.error)
      assert.match(again.said, /^The data end on .*, and stay as they are; to begin anew, run: /)
      assert.strictEqual(yield* count(database, "users"), USERS + 2)
    })
  )
})
