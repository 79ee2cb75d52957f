import { writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { assert, layer } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { follow, fresh, LoggedServer, loggedServer, serverKind } from "../testing/Logged.js"

const isMariaDB = serverKind === "mariadb"

/** A database of its own, and a follower that says what statements did. */
const following = Effect.gen(function* () {
  const logged = yield* fresh(yield* LoggedServer)
  const followed = yield* follow(logged.address)
  const look = (...statements: ReadonlyArray<string>) => followed.seen(logged.run(...statements))
  return { ...logged, ...followed, look }
})

const only = (users: ReadonlyArray<string>) => ({ users, doubts: [] })
const doubts = (...found: ReadonlyArray<string>) => ({ users: [], doubts: found })

const INSERT = "INSERT INTO users (user_id, bot_id) VALUES"

layer(loggedServer("follower"), { excludeTestServices: true, timeout: Duration.seconds(90) })("the log", (it) => {
  it.scoped("names the users of rows, however they were written", () =>
    Effect.gen(function* () {
      const { look, server } = yield* following
      assert.deepStrictEqual(
        yield* look(`${INSERT} (1, 5), (2, 5), (NULL, 6), (9, NULL)`),
        only(["5:1", "5:2", "6:null"])
      )
      assert.deepStrictEqual(yield* look("UPDATE users SET user_id = 3 WHERE user_id = 2"), only(["5:2", "5:3"]))
      assert.deepStrictEqual(yield* look("UPDATE users SET bot_id = 7 WHERE user_id = 1"), only(["5:1", "7:1"]))
      assert.deepStrictEqual(yield* look("DELETE FROM users WHERE bot_id = 7"), only(["7:1"]))
      const payment = "INTO payments (bill_id, user_id, bot_id) VALUES"
      assert.deepStrictEqual(yield* look(`INSERT ${payment} ('a', 1, 5)`), only(["5:1"]))
      assert.deepStrictEqual(yield* look(`REPLACE ${payment} ('a', 2, 5)`), only(["5:1", "5:2"]))
      assert.deepStrictEqual(
        yield* look(`INSERT ${payment} ('a', 1, 5) ON DUPLICATE KEY UPDATE user_id = 4`),
        only(["5:2", "5:4"])
      )
      assert.deepStrictEqual(yield* look(`INSERT IGNORE ${payment} ('a', 8, 8)`), only([]))
      assert.deepStrictEqual(yield* look("START TRANSACTION", `${INSERT} (1, 1)`, "ROLLBACK"), only([]))
      assert.deepStrictEqual(
        yield* look(
          "START TRANSACTION",
          `${INSERT} (1, 1)`,
          "SAVEPOINT s",
          `${INSERT} (2, 2)`,
          "ROLLBACK TO s",
          "COMMIT"
        ),
        only(["1:1"])
      )
      const file = join(dirname(server.dataFolder), "rows.txt")
      writeFileSync(file, "u1\t4\n11\t4\n")
      assert.deepStrictEqual(
        yield* look(`LOAD DATA INFILE '${file}' IGNORE INTO TABLE subscriptions (user_id, bot_id)`),
        only(["4:0", "4:11"])
      )
      assert.deepStrictEqual(yield* look("INSERT INTO other (v) VALUES (1)"), only([]))
    })
  )

  it.scoped("names the users that a trigger, a procedure or a cascade wrote, where the server logs them", () =>
    Effect.gen(function* () {
      const { look, run } = yield* following
      yield* run(
        "CREATE TRIGGER tr AFTER INSERT ON other FOR EACH ROW INSERT INTO users (user_id, bot_id) VALUES (77, 8)",
        "CREATE PROCEDURE p() BEGIN INSERT INTO users (user_id, bot_id) VALUES (78, 8); END",
        "CREATE TABLE people (id BIGINT PRIMARY KEY); INSERT INTO people VALUES (1), (2)",
        "ALTER TABLE subscriptions ADD FOREIGN KEY (user_id) REFERENCES people (id) ON DELETE CASCADE",
        "INSERT INTO subscriptions (user_id, bot_id) VALUES (1, 9)"
      )
      assert.deepStrictEqual(yield* look("INSERT INTO other (v) VALUES (2)"), only(["8:77"]))
      assert.deepStrictEqual(yield* look("CALL p()"), only(["8:78"]))
      // MariaDB logs nothing of a cascade: src/Follower/Suitability.ts refuses such a key.
      assert.deepStrictEqual(yield* look("DELETE FROM people WHERE id = 1"), only(isMariaDB ? [] : ["9:1"]))
    })
  )

  it.scoped("is read over columns of every type", () =>
    Effect.gen(function* () {
      const { look, run } = yield* following
      yield* run(
        `DROP TABLE payments; CREATE TABLE payments (
          a TINYINT UNSIGNED, b MEDIUMINT, c DECIMAL(38, 18), d FLOAT, e DOUBLE, f BIT(13), g ENUM('x', 'y'), h SET('x', 'y', 'z'),
          i YEAR, j DATE, k TIME(3), l DATETIME(6), m TIMESTAMP(1) NULL, n CHAR(200) CHARACTER SET utf8mb4, o VARCHAR(300) CHARACTER SET utf8mb4,
          p MEDIUMTEXT, q LONGBLOB, r JSON, s GEOMETRY, t BINARY(5), u VARBINARY(900), v CHAR(3) CHARACTER SET latin1, w SMALLINT, x INT AS (a + 1) STORED,
          user_id BIGINT UNSIGNED, y DATETIME, bot_id VARCHAR(300) CHARACTER SET utf8mb4, z TINYTEXT, id INT PRIMARY KEY AUTO_INCREMENT)`
      )
      const columns = "a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, user_id, y, bot_id, z"
      const values = `200, -70000, -12345678901234567890.123456789012345678, 1.5, 2.5, b'1010101010101', 'y', 'x,z', 2026, '2026-01-07',
        '-12:34:56.789', '2026-01-07 12:00:00.000001', '2026-01-07 12:00:00.5', '${"ж".repeat(200)}', '${"😀".repeat(300)}', '${"t".repeat(70_000)}',
        REPEAT('b', 70000), '{"a": [1, 2, {"b": null}]}', ST_GeomFromText('POINT(1 2)'), 'ab', '${"v".repeat(900)}', 'abc', -5,
        18446744073709551615, '2026-01-07', ' 0042', 'z'`
      const users = ["42:18446744073709551615"]
      assert.deepStrictEqual(yield* look(`INSERT INTO payments (${columns}) VALUES (${values})`), only(users))
      assert.deepStrictEqual(
        yield* look(`INSERT INTO payments (${columns}) VALUES (${values}), (${values})`),
        only(users)
      )
      assert.deepStrictEqual(
        yield* look("UPDATE payments SET user_id = 1, p = NULL WHERE id = 1"),
        only(["42:1", ...users])
      )
      assert.deepStrictEqual(
        yield* look("ALTER TABLE payments ADD extra INT FIRST", "UPDATE payments SET user_id = 2 WHERE id = 1"),
        { users: ["42:1", "42:2"], doubts: ["definition payments"] }
      )
      // What it is equal to is the server's affair: all of the bot's, then of every bot.
      assert.deepStrictEqual((yield* look("UPDATE payments SET bot_id = 'x' WHERE id = 1")).users, ["42:all"])
      assert.deepStrictEqual(
        yield* look(
          "DELETE FROM payments WHERE id = 1",
          "ALTER TABLE payments MODIFY bot_id DECIMAL(10, 0)",
          "UPDATE payments SET user_id = 3 WHERE id = 2"
        ),
        { users: ["42:all"], doubts: ["columns payments", "definition payments"] }
      )
    })
  )

  it.scoped("takes one user too many for none: past a bound the bot as a whole has changed", () =>
    Effect.gen(function* () {
      const logged = yield* fresh(yield* LoggedServer)
      const { seen } = yield* follow(logged.address, { limit: 10 })
      const values = (from: number) => Array.from({ length: 8 }, (_, i) => `(${from + i}, 3)`).join()
      assert.strictEqual((yield* seen(logged.run(`${INSERT} ${values(1)}`))).users.length, 8)
      assert.deepStrictEqual(yield* seen(logged.run(`${INSERT} ${values(101)}`)), only(["3:all"]))
      assert.deepStrictEqual(yield* seen(logged.run(`${INSERT} (1, 4)`)), only(["4:1"]))
    })
  )

  it.scoped("tells of definitions, by kind and table", () =>
    Effect.gen(function* () {
      const { look, run } = yield* following
      assert.deepStrictEqual(yield* look("TRUNCATE TABLE users"), doubts("definition users"))
      assert.deepStrictEqual(yield* look("ALTER TABLE other ADD w INT"), only([]))
      assert.deepStrictEqual(yield* look("CREATE TABLE u2 LIKE other; RENAME TABLE u2 TO u3; DROP TABLE u3"), only([]))
      assert.deepStrictEqual(
        yield* look("CREATE TABLE new LIKE users; RENAME TABLE users TO old, new TO users; DROP TABLE old"),
        doubts("definition users")
      )
      assert.deepStrictEqual(yield* look("DROP TABLE subscriptions"), doubts("definition subscriptions"))
      assert.deepStrictEqual(yield* look("CREATE TABLE subscriptions AS SELECT 5 AS user_id, 6 AS bot_id"), {
        users: ["6:5"],
        doubts: ["definition subscriptions"]
      })
      assert.deepStrictEqual(yield* look("ANALYZE TABLE users"), only([]))
      yield* run(
        `DROP TABLE payments; CREATE TABLE payments (bill_id INT, user_id BIGINT, bot_id INT, d INT) PARTITION BY RANGE (d)
          (PARTITION a VALUES LESS THAN (10), PARTITION b VALUES LESS THAN (20)); CREATE TABLE spare LIKE payments; ALTER TABLE spare REMOVE PARTITIONING;
          INSERT INTO payments VALUES (1, 1, 1, 1), (2, 2, 2, 12)`
      )
      assert.deepStrictEqual(yield* look("ALTER TABLE payments TRUNCATE PARTITION a"), doubts("definition payments"))
      assert.deepStrictEqual(
        yield* look("ALTER TABLE payments EXCHANGE PARTITION a WITH TABLE spare"),
        doubts("definition payments")
      )
      assert.deepStrictEqual(yield* look("ALTER TABLE payments DROP PARTITION b"), doubts("definition payments"))
      assert.deepStrictEqual(
        yield* look("USE mysql; TRUNCATE App /* users */ . /*!50000users*/; USE App"),
        doubts("definition users")
      )
      assert.deepStrictEqual(
        yield* look(
          "CREATE DATABASE elsewhere; USE elsewhere; CREATE TABLE users (id INT); DROP DATABASE elsewhere; USE App"
        ),
        only([])
      )
      assert.deepStrictEqual(yield* look("DROP DATABASE App; CREATE DATABASE App; USE App"), doubts("definition"))
    })
  )

  it.scoped("says nothing of accounts, whose passwords it may hold", () =>
    Effect.gen(function* () {
      const { look } = yield* following
      assert.deepStrictEqual(
        yield* look(
          "CREATE USER someone IDENTIFIED BY 'users payments App'",
          "GRANT SELECT ON App.users TO someone",
          "REVOKE SELECT ON App.users FROM someone",
          "DROP USER someone",
          "FLUSH PRIVILEGES"
        ),
        only([])
      )
    })
  )

  it.scoped("in statement format hides what was written: whatever the statement, everything is in doubt", () =>
    Effect.gen(function* () {
      const { look, run } = yield* following
      yield* run(
        "CREATE DATABASE IF NOT EXISTS outside; DROP TABLE IF EXISTS outside.t; CREATE TABLE outside.t (id INT)",
        "CREATE TRIGGER outside.t AFTER INSERT ON outside.t FOR EACH ROW UPDATE App.users SET n = n + 1",
        `${INSERT} (1, 1)`
      )
      assert.deepStrictEqual(yield* look("INSERT INTO outside.t VALUES (1)"), only(["1:1"]))
      yield* run("SET SESSION binlog_format = 'STATEMENT'", "USE outside")
      assert.deepStrictEqual(yield* look("INSERT INTO t VALUES (1)"), doubts("statement"))
      yield* run("SET SESSION binlog_format = 'ROW'", "USE App", "DROP DATABASE outside")
    })
  )

  it.scoped("with images that lack the ids puts their table in doubt", () =>
    Effect.gen(function* () {
      const { look, run } = yield* following
      yield* run(`${INSERT} (1, 1)`, "SET SESSION binlog_row_image = 'MINIMAL'")
      assert.deepStrictEqual(yield* look("UPDATE users SET n = n + 1"), doubts("image users"))
      yield* run("SET SESSION binlog_row_image = 'NOBLOB'")
      assert.deepStrictEqual(yield* look("UPDATE users SET n = n + 1"), only(["1:1"]))
    })
  )

  it.scoped("is inflated where the server compresses it", () =>
    Effect.gen(function* () {
      const { look, run } = yield* following
      yield* run(
        isMariaDB
          ? "SET GLOBAL log_bin_compress = ON; SET GLOBAL log_bin_compress_min_len = 10"
          : "SET SESSION binlog_transaction_compression = ON"
      )
      const many = Array.from({ length: 3000 }, (_, i) => `(${i}, 2, '${"n".repeat(100)}')`).join()
      const found = yield* look(
        "START TRANSACTION",
        `INSERT INTO users (user_id, bot_id, name) VALUES ${many}`,
        "INSERT INTO payments (bill_id, user_id, bot_id) VALUES ('a', 1, 5)",
        "UPDATE payments SET user_id = 2 WHERE bill_id = 'a'",
        "COMMIT"
      )
      assert.deepStrictEqual(found.doubts, [])
      assert.strictEqual(found.users.length, 3002)
      assert.deepStrictEqual(yield* look("TRUNCATE TABLE users"), doubts("definition users"))
      if (isMariaDB) yield* run("SET GLOBAL log_bin_compress = OFF")
    })
  )

  if (!isMariaDB) {
    it.scoped("is read where of JSON only the difference is there", () =>
      Effect.gen(function* () {
        const { look, run } = yield* following
        const meta = JSON.stringify({ a: 1, long: "x".repeat(1000) })
        yield* run(
          "ALTER TABLE payments ADD second JSON",
          `INSERT INTO payments (bill_id, user_id, bot_id, meta, second) VALUES ('a', 1, 5, '${meta}', '${meta}'), ('b', 2, 6, '${meta}', NULL)`,
          "SET SESSION binlog_row_value_options = 'PARTIAL_JSON'"
        )
        assert.deepStrictEqual(
          yield* look("UPDATE payments SET meta = JSON_SET(meta, '$.a', 2), user_id = user_id + 10"),
          only(["5:1", "5:11", "6:12", "6:2"])
        )
        assert.deepStrictEqual(
          yield* look("UPDATE payments SET second = JSON_REPLACE(second, '$.a', 3)"),
          only(["5:11"])
        )
      })
    )
  }

  it.scoped("tells of a distributed transaction when it is committed, not when it is prepared", () =>
    Effect.gen(function* () {
      const { caughtUp, look, since } = yield* following
      const from = yield* caughtUp
      const prepare = (xid: string, user: number) => [
        `XA START ${xid}`,
        `${INSERT} (${user}, 1)`,
        `XA END ${xid}`,
        `XA PREPARE ${xid}`
      ]
      assert.deepStrictEqual(yield* look(...prepare("'a','b',7", 1)), only([]))
      yield* caughtUp
      assert.deepStrictEqual(since(from), [])
      assert.deepStrictEqual(yield* look("XA COMMIT 'a','b',7"), only(["1:1"]))
      assert.deepStrictEqual(yield* look(...prepare("'c'", 2), "XA ROLLBACK 'c'"), only([]))
      assert.deepStrictEqual(
        yield* look("XA START 'd'", `${INSERT} (3, 1)`, "XA END 'd'", "XA COMMIT 'd' ONE PHASE"),
        only(["1:3"])
      )
    })
  )

  it.scoped("says where a write of one's own lies, once and for all", () =>
    Effect.gen(function* () {
      const { caughtUp, follower, run } = yield* following
      yield* caughtUp
      yield* run("INSERT INTO kept (bot_id, token) VALUES (1, 'first'), (2, 'second')")
      const first = yield* follower.written("1", "first", Duration.seconds(5))
      yield* run(`${INSERT} (1, 1)`, "UPDATE kept SET token = 'third' WHERE bot_id = 1")
      const third = yield* follower.written("1", "third", Duration.seconds(5))
      assert.deepStrictEqual(third, { ...(yield* caughtUp), born: first.born, server: first.server })
      assert.isTrue(third.offset > first.offset)
      assert.strictEqual((yield* follower.written("2", "second", Duration.seconds(5))).offset, first.offset)
      // Another may have written the row before its first writer looks for his write.
      assert.deepStrictEqual(yield* follower.written("1", "first", Duration.seconds(5)), first)
      const late = yield* Effect.flip(follower.written("1", "never", Duration.millis(50)))
      assert.strictEqual(late.why, "late")
      // What the write itself was made up to is folded; what came after it is not.
      assert.deepStrictEqual(follower.changed("1", first), { _tag: "Users", users: ["1"] })
      assert.deepStrictEqual(follower.changed("1", first, first), { _tag: "Users", users: [] })
      follower.forget("1", third)
      assert.deepStrictEqual(follower.pending(), { bots: [], allBots: undefined })
    })
  )
})
