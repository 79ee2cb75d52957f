import { spawn } from "node:child_process"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { DatabaseAddress } from "../Config.js"
import { BOT, DATA } from "../testing/BotRows.js"
import { filledBotTables } from "../testing/Bots.js"
import { limitedAccount, rowsOf } from "../testing/Database.js"
import { installEarlierVersion } from "../testing/EarlierVersion.js"
import { untilFacts } from "../testing/Facts.js"
import { checkAll } from "../testing/FactsCheck.js"
import { PrivateServer, privateServer } from "../testing/PrivateServer.js"
import { assertRight, insertPayment, makeBots, start } from "../testing/Scene.js"
import { type TestDatabase, TestService } from "../testing/Service.js"

/** `npm run facts`, as an operator runs it. */

interface Ended {
  readonly code: number | null
  readonly text: string
}

const facts = ({ database, host, password, port, username }: DatabaseAddress, ...words: ReadonlyArray<string>) =>
  Effect.promise(
    () =>
      new Promise<Ended>((resolve) => {
        const child = spawn(process.execPath, ["--import", "tsx", "src/facts.ts", ...words], {
          env: {
            ...process.env,
            DATABASE_URL: `mysql://${username}:${encodeURIComponent(Redacted.value(password))}@${host}:${port}/${database}`
          },
          stdio: ["ignore", "pipe", "pipe"]
        })
        let text = ""
        child.stdout.on("data", (chunk) => (text += chunk))
        child.stderr.on("data", (chunk) => (text += chunk))
        child.on("close", (code) => resolve({ code, text }))
      })
  )

/** The service over this database, until its facts are built; then it ends. */
const keepFacts = (database: TestDatabase) =>
  Effect.scoped(
    Effect.gen(function* () {
      const { running } = yield* start(database)
      yield* Effect.provideService(Effect.zipRight(untilFacts(), checkAll), TestService, running)
    })
  )

const ours = ({ connection }: TestDatabase) =>
  Effect.promise(async () => {
    const tables = await rowsOf(
      connection,
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()
       AND table_name NOT IN ('bots', 'users', 'payments', 'subscriptions')`
    )
    const triggers = await rowsOf(
      connection,
      "SELECT trigger_name AS name FROM information_schema.triggers WHERE trigger_schema = DATABASE()"
    )
    const indexes = await rowsOf(
      connection,
      `SELECT DISTINCT CONCAT(table_name, '.', index_name) AS name FROM information_schema.statistics
       WHERE table_schema = DATABASE() AND table_name IN ('bots', 'users', 'payments', 'subscriptions')
         AND index_name <> 'PRIMARY'`
    )
    return [...tables, ...triggers, ...indexes].map(({ name }) => String(name))
  })

describe("npm run facts", () => {
  it.scopedLive(
    "status tells how far each bot is, and check what is kept wrongly; rebuild mends it",
    () =>
      Effect.gen(function* () {
        // What other tests log as statements, into databases of theirs, would put these figures in doubt.
        const server = yield* PrivateServer
        const database = yield* server.database()
        yield* Effect.promise(() => filledBotTables(DATA)(database))
        const run = (...words: ReadonlyArray<string>) => facts(database.address, ...words)
        const { connection } = database
        const nothing = yield* run("status")
        assert.strictEqual(nothing.code, 2, nothing.text)
        assert.match(nothing.text, /Nothing is kept: the service's own table bot_analytics_kept is missing/)

        yield* keepFacts(database)
        yield* insertPayment(connection, "unfolded")
        const whole = yield* run("status")
        assert.strictEqual(whole.code, 0, whole.text)
        assert.match(
          whole.text,
          /^Bot 5: complete, changes of 1 users to fold; .*\nBot 9: complete, .* 0 users to fold; /m
        )
        assert.match(whole.text, /^Bot 5: .*; (never audited as a whole|audited 20[\dT:.-]+Z), nothing was found$/m)
        assert.match(whole.text, /^The log is read up to \S+:\d+$/m)

        // What waits to be folded is no difference.
        const right = yield* run("check")
        assert.strictEqual(right.code, 0, right.text)
        assert.match(right.text, /^Bot 5: \d users, 1 waiting to be folded, 0 differences$/m)

        yield* Effect.promise(() =>
          connection.query(
            "UPDATE bot_analytics_totals SET n = n + 1 WHERE metric = 'user'; DELETE FROM bot_analytics_kept WHERE bot_id = 9"
          )
        )
        const partly = yield* run("status")
        assert.strictEqual(partly.code, 1, partly.text)
        assert.match(partly.text, /^Bot 9: being built, or about to be; /m)
        const wrong = yield* run("check")
        assert.strictEqual(wrong.code, 1, wrong.text)
        assert.match(wrong.text, /^ {2}total user : kept 5 0\.0+, it should be 4 0\.0+$/m)
        assert.match(wrong.text, /npm run facts -- rebuild/)

        const rebuilt = yield* run("rebuild")
        assert.strictEqual(rebuilt.code, 0, rebuilt.text)
        assert.match(rebuilt.text, /^All figures are built$/m)
        const mended = yield* run("check")
        assert.strictEqual(mended.code, 0, mended.text)
        assert.match(mended.text, /^Bot 9: .* 0 differences$/m)

        const usage = yield* run("rebuidl")
        assert.strictEqual(usage.code, 1)
        assert.match(usage.text, /^Exit codes: 0 all is well; 1 it is not; 2 nothing is kept$/m)
      }).pipe(Effect.scoped, Effect.provide(privateServer("commands"))),
    180_000
  )

  it.scopedLive(
    "by an account that may not read the log: status and check say that nothing is kept, why, and what is to be granted",
    () =>
      Effect.gen(function* () {
        const database = yield* makeBots()
        yield* keepFacts(database)
        const account = yield* limitedAccount(database, ["ALL ON db.*"])
        for (const word of ["status", "check", "rebuild"]) {
          const { code, text } = yield* facts(account.address, word)
          assert.strictEqual(code, 2, text)
          assert.match(text, /^Nothing is kept: .*REPLICATION SLAVE/m)
          assert.match(text, /^ {2}GRANT .*;$/m)
          assert.notMatch(text, /differences/)
        }
      }),
    120_000
  )

  it.scopedLive(
    "remove leaves nothing of ours but the accounts, and what it prints takes the indexes away; the next start makes all of it anew",
    () =>
      Effect.gen(function* () {
        const database = yield* makeBots()
        yield* Effect.promise(() => installEarlierVersion(database.connection, BOT))
        // By one who may not, the triggers stay, and are named.
        const account = yield* limitedAccount(database, ["SELECT, INSERT, UPDATE, DELETE, CREATE ON db.*"])
        const denied = yield* facts(account.address, "remove")
        assert.strictEqual(denied.code, 1, denied.text)
        for (const what of ["TRIGGER IF EXISTS bot_analytics_users_insert", "TABLE IF EXISTS bot_analytics_days"]) {
          assert.match(denied.text, new RegExp(`^ {2}DROP ${what}; -- .*(denied|privilege)`, "m"))
        }
        assert.match(denied.text, /^ {2}DROP TABLE IF EXISTS bot_analytics_marks; -- the triggers write to it$/m)
        assert.notMatch(denied.text, /What was kept is gone/)

        yield* keepFacts(database)
        yield* Effect.promise(() =>
          database.connection.query(
            `CREATE TABLE bot_analytics_marks (bot_id BIGINT, id BIGINT, user_id BIGINT);
             CREATE TRIGGER bot_analytics_users_insert AFTER INSERT ON users FOR EACH ROW
             INSERT INTO bot_analytics_marks VALUES (1, 1, 1)`
          )
        )
        const { code, text } = yield* facts(database.address, "remove")
        assert.strictEqual(code, 0, text)
        const left = yield* ours(database)
        assert.deepStrictEqual(
          left.filter((name) => !name.includes(".")),
          ["bot_analytics_admins"]
        )
        assert.isNotEmpty(left.filter((name) => name.includes(".")))
        for (const statement of text.match(/^ {2}ALTER TABLE .*;$/gm) ?? []) {
          yield* Effect.promise(() => database.connection.query(statement))
        }
        assert.deepStrictEqual(yield* ours(database), ["bot_analytics_admins"])

        const again = yield* facts(database.address, "remove")
        assert.strictEqual(again.code, 0, again.text)
        const { running } = yield* start(database)
        yield* Effect.provideService(Effect.all([untilFacts(), assertRight, checkAll]), TestService, running)
      }),
    120_000
  )
})

describe("npm run facts, where the server keeps no log", () => {
  it.scopedLive(
    "says so, and how it is turned on; remove works all the same",
    () =>
      Effect.gen(function* () {
        const { database } = yield* PrivateServer
        const bots = yield* database()
        yield* Effect.promise(() => filledBotTables(DATA)(bots))
        const { running } = yield* start(bots)
        yield* Effect.provideService(assertRight, TestService, running)
        for (const word of ["status", "check", "rebuild"]) {
          const { code, text } = yield* facts(bots.address, word)
          assert.strictEqual(code, 2, text)
          assert.match(
            text,
            /^Nothing is kept: the server keeps no binary log\n {2}-- in the server.s option file.*\n {2}-- \[(mysqld|mariadb)\]\n {2}-- log-bin/m
          )
        }
        const { code, text } = yield* facts(bots.address, "remove")
        assert.strictEqual(code, 0, text)
        const left = yield* ours(bots)
        assert.deepStrictEqual(
          left.filter((name) => !name.includes(".")),
          ["bot_analytics_admins"]
        )
      }).pipe(Effect.scoped, Effect.provide(privateServer("no-log", ["--skip-log-bin"]))),
    120_000
  )
})
