import { assert, layer } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type mysql from "mysql2/promise"
import { rowsOf } from "../testing/Database.js"
import { follow, fresh, type Logged, LoggedServer, loggedServer, serverKind } from "../testing/Logged.js"
import type { Place } from "./Place.js"

/** What can be seen is in the log; what is in the log need not yet be seen. */

const isMariaDB = serverKind === "mariadb"
const WITHIN = Duration.seconds(5)
const SNAPSHOT = "START TRANSACTION WITH CONSISTENT SNAPSHOT"

/**
 * Between a transaction's way into the log and its commit in InnoDB lies a moment, which is made long here: on MariaDB a
 * replica is waited for that never answers (AFTER_SYNC, semi-synchronous replication), on MySQL others that never come.
 */
const GAP_MILLIS = 1_000
const WIDEN_GAP = isMariaDB
  ? [
      "SET GLOBAL rpl_semi_sync_master_wait_point = AFTER_SYNC",
      `SET GLOBAL rpl_semi_sync_master_timeout = ${GAP_MILLIS}`,
      "SET GLOBAL rpl_semi_sync_master_wait_no_slave = ON",
      "SET GLOBAL rpl_semi_sync_master_enabled = ON"
    ]
  : ["SET GLOBAL sync_binlog = 0", `SET GLOBAL binlog_group_commit_sync_delay = ${GAP_MILLIS * 1_000}`]
const CLOSE_GAP = isMariaDB
  ? "SET GLOBAL rpl_semi_sync_master_enabled = OFF"
  : "SET GLOBAL binlog_group_commit_sync_delay = 0"

const session = ({ connect }: Logged) =>
  Effect.acquireRelease(connect, (open) => Effect.sync(() => open.destroy())).pipe(
    Effect.tap((open) => Effect.promise(() => open.query("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")))
  )

const ask = (connection: mysql.Connection, sql: string) => Effect.promise(() => rowsOf(connection, sql))

layer(loggedServer("order"), { excludeTestServices: true, timeout: Duration.seconds(90) })("the log's order", (it) => {
  it.scoped(
    "an event may come long before its change is visible; the own write that is answered comes after both",
    () =>
      Effect.gen(function* () {
        const logged = yield* fresh(yield* LoggedServer)
        const { caughtUp, follower } = yield* follow(logged.address)
        const from = yield* caughtUp
        const [dba, writer, folder] = [yield* session(logged), yield* session(logged), yield* session(logged)]
        for (const statement of WIDEN_GAP) yield* ask(dba, statement)
        yield* Effect.addFinalizer(() => ask(dba, CLOSE_GAP))
        const visible = Effect.map(ask(dba, "SELECT COUNT(*) AS n FROM users"), ([row]) => Number(row?.n))

        const started = performance.now()
        const seen = yield* Effect.fork(follower.change)
        yield* Effect.yieldNow()
        const write = yield* Effect.fork(ask(writer, "INSERT INTO users (user_id, bot_id) VALUES (1, 1)"))
        yield* seen
        assert.isBelow(performance.now() - started, GAP_MILLIS / 2)
        assert.deepStrictEqual(follower.changed("1", from), { _tag: "Users", users: ["1"] })
        // Facts brought up to where the log has been read would lose this row for good.
        assert.strictEqual(yield* visible, 0)

        yield* ask(folder, "INSERT INTO kept (bot_id, token) VALUES (1, 'mine')")
        assert.isAbove(performance.now() - started, GAP_MILLIS / 2)
        assert.strictEqual(yield* visible, 1)
        const mine = yield* follower.written("1", "mine", WITHIN)
        assert.deepStrictEqual(follower.changed("1", from, mine), { _tag: "Users", users: ["1"] })
        yield* write
      })
  )

  it.scoped("what DDL does to a snapshot that is older is seen by asking once more", () =>
    Effect.gen(function* () {
      const logged = yield* fresh(yield* LoggedServer)
      const { caughtUp, follower, provide } = yield* follow(logged.address)
      yield* caughtUp
      yield* logged.run(
        `DROP TABLE payments; CREATE TABLE payments (bill_id INT, user_id BIGINT, bot_id INT) PARTITION BY RANGE (bill_id)
          (PARTITION a VALUES LESS THAN (10), PARTITION b VALUES LESS THAN (20))`,
        "INSERT INTO payments VALUES (1, 1, 1), (11, 1, 1)",
        "INSERT INTO kept (bot_id, token) VALUES (1, 'facts')"
      )
      const facts = yield* follower.written("1", "facts", WITHIN)
      const reader = yield* session(logged)
      yield* ask(reader, SNAPSHOT)
      yield* provide(follower.upToDate(WITHIN))
      assert.deepStrictEqual(follower.distrust(facts), Option.none())
      yield* logged.run("ALTER TABLE payments DROP PARTITION a")
      const rows = yield* ask(reader, "SELECT bill_id FROM payments")
      // Both servers show the snapshot what came after it.
      assert.deepStrictEqual(rows, [{ bill_id: 11 }])
      yield* provide(follower.upToDate(WITHIN))
      assert.isTrue(Option.isSome(follower.distrust(facts)))
    })
  )

  it.scoped(
    "answers are exact while bots write and facts are brought forward at any moment",
    () =>
      Effect.gen(function* () {
        const logged = yield* fresh(yield* LoggedServer)
        const { caughtUp, follower, provide } = yield* follow(logged.address)
        yield* caughtUp
        const USERS = 200
        const values = Array.from({ length: USERS }, (_, i) => `(${i}, 1)`).join()
        yield* logged.run(
          `INSERT INTO users (user_id, bot_id) VALUES ${values}`,
          "INSERT INTO kept (bot_id, token) VALUES (1, '0')"
        )
        const until = performance.now() + 4_000
        const isOver = () => performance.now() > until
        const random = (n: number) => Math.floor(Math.random() * n)

        const write = Effect.gen(function* () {
          const writer = yield* session(logged)
          while (!isOver()) {
            const users = [...new Set([random(USERS), random(USERS), random(USERS)])].sort((a, b) => a - b)
            yield* Effect.promise(async () => {
              if (Math.random() < 0.3) return writer.query(`UPDATE users SET n = n + 1 WHERE user_id = ${users[0]}`)
              await writer.query("START TRANSACTION")
              for (const user of users) await writer.query(`UPDATE users SET n = n + 1 WHERE user_id = ${user}`)
              return writer.query(Math.random() < 0.1 ? "ROLLBACK" : "COMMIT")
            })
          }
        })

        const first = yield* follower.written("1", "0", WITHIN)
        let facts: { readonly upTo: Place; readonly counts: ReadonlyMap<string, number> } = {
          upTo: first,
          counts: new Map()
        }
        const read = (connection: mysql.Connection) =>
          Effect.map(
            ask(connection, "SELECT user_id, n FROM users"),
            (rows) => new Map(rows.map(({ n, user_id }) => [String(user_id), Number(n)]))
          )
        let folds = 0
        const fold = Effect.gen(function* () {
          const folder = yield* session(logged)
          for (let token = 1; !isOver(); token++) {
            // As long as an answer takes: one whose facts have gone on meanwhile is asked anew.
            yield* Effect.sleep(Duration.millis(20))
            yield* ask(folder, `UPDATE kept SET token = '${token}' WHERE bot_id = 1`)
            const upTo = yield* follower.written("1", String(token), WITHIN)
            yield* ask(folder, SNAPSHOT)
            const rows = yield* read(folder)
            yield* ask(folder, "COMMIT")
            const changed = follower.changed("1", facts.upTo, upTo)
            assert.strictEqual(changed._tag, "Users")
            const counts = new Map(facts.counts)
            for (const user of changed._tag === "Users" ? changed.users : [])
              counts.set(String(user), rows.get(String(user)) ?? 0)
            facts = { upTo, counts }
            folds++
            follower.forget("1", upTo)
          }
        })

        let answers = 0
        const answer = Effect.gen(function* () {
          const reader = yield* session(logged)
          while (!isOver()) {
            const { counts, upTo } = facts
            yield* ask(reader, SNAPSHOT)
            yield* provide(follower.upToDate(WITHIN))
            const changed = follower.changed("1", upTo)
            const rows = yield* read(reader)
            yield* ask(reader, "COMMIT")
            if (changed._tag !== "Users") continue
            const pending = new Set(changed.users)
            const wrong = [...rows].filter(([user, n]) => !pending.has(user) && (counts.get(user) ?? 0) !== n)
            assert.deepStrictEqual(wrong, [])
            answers++
          }
        })

        yield* Effect.all([...Array.from({ length: 6 }, () => write), fold, answer, answer], {
          concurrency: "unbounded"
        })
        assert.isAbove(folds, 10)
        assert.isAbove(answers, 20)
        assert.deepStrictEqual((yield* follower.figures).doubts, [])
      }),
    60_000
  )
})
