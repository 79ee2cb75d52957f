import { assert, describe, layer } from "@effect/vitest"
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

layer(loggedServer("follower"), { excludeTestServices: true, timeout: Duration.seconds(90) })(
  "rows in the log",
  (it) => {
    it.scoped("each way of writing names its users", () =>
      Effect.gen(function* () {
        const { look } = yield* following
        const insert = "INSERT INTO users (user_id, bot_id) VALUES"
        assert.deepStrictEqual(
          yield* look(`${insert} (1, 5), (2, 5), (NULL, 6), (9, NULL)`),
          only(["5:1", "5:2", "6:null"])
        )
        assert.deepStrictEqual(yield* look("UPDATE users SET user_id = 3 WHERE user_id = 2"), only(["5:2", "5:3"]))
        assert.deepStrictEqual(yield* look("UPDATE users SET bot_id = 7 WHERE user_id = 1"), only(["5:1", "7:1"]))
        assert.deepStrictEqual(yield* look("DELETE FROM users WHERE bot_id = 7"), only(["7:1"]))
        assert.deepStrictEqual(
          yield* look("INSERT INTO payments (bill_id, user_id, bot_id) VALUES ('a', 1, 5)"),
          only(["5:1"])
        )
        assert.deepStrictEqual(
          yield* look("REPLACE INTO payments (bill_id, user_id, bot_id) VALUES ('a', 2, 5)"),
          only(["5:1", "5:2"])
        )
        assert.deepStrictEqual(
          yield* look(
            "INSERT INTO payments (bill_id, user_id, bot_id) VALUES ('a', 1, 5) ON DUPLICATE KEY UPDATE user_id = 4"
          ),
          only(["5:2", "5:4"])
        )
        assert.deepStrictEqual(
          yield* look("INSERT IGNORE INTO payments (bill_id, user_id, bot_id) VALUES ('a', 8, 8)"),
          only([])
        )
        assert.deepStrictEqual(yield* look("START TRANSACTION", `${insert} (1, 1)`, "ROLLBACK"), only([]))
        assert.deepStrictEqual(
          yield* look(
            "START TRANSACTION",
            `${insert} (1, 1)`,
            "SAVEPOINT s",
            `${insert} (2, 2)`,
            "ROLLBACK TO s",
            "COMMIT"
          ),
          only(["1:1"])
        )
        assert.deepStrictEqual(yield* look("INSERT INTO other (v) VALUES (1)"), only([]))
        assert.deepStrictEqual(
          yield* look(
            "CREATE TRIGGER tr AFTER INSERT ON other FOR EACH ROW INSERT INTO users (user_id, bot_id) VALUES (77, 8)",
            "INSERT INTO other (v) VALUES (2)",
            "DROP TRIGGER tr"
          ),
          { users: ["8:77"], doubts: ["definition users"] }
        )
      })
    )
  }
)
