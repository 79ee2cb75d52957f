import { assert, layer } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import { rowsOf } from "../testing/Database.js"
import {
  addressOf,
  type Following,
  follow,
  fresh,
  LoggedServer,
  loggedServer,
  serverKind,
  startLoggedServer
} from "../testing/Logged.js"
import { makeTcpProxy } from "../testing/TcpProxy.js"
import * as Place from "./Place.js"

const isMariaDB = serverKind === "mariadb"
const INSERT = "INSERT INTO users (user_id, bot_id) VALUES"
const RESET = isMariaDB ? "RESET MASTER" : "RESET BINARY LOGS AND GTIDS"
const HEARTBEAT = Duration.millis(100)

const following = Effect.gen(function* () {
  const logged = yield* fresh(yield* LoggedServer)
  const proxy = yield* makeTcpProxy(logged.server.port)
  const log = { ...logged.address, port: proxy.port }
  const followed = yield* follow(logged.address, { heartbeat: HEARTBEAT }, log)
  yield* followed.caughtUp
  return { ...logged, ...followed, proxy, log }
})

const stateOf = ({ follower }: Pick<Following, "follower">) => Effect.map(follower.state, ({ _tag }) => _tag)

const untilLost = (followed: Pick<Following, "follower">) =>
  stateOf(followed).pipe(
    Effect.delay(Duration.millis(5)),
    Effect.repeat({ until: (tag) => tag === "Lost" }),
    Effect.timeout(Duration.seconds(5)),
    Effect.orDie
  )

/** The anchor of a write of our own, up to which facts would be kept. */
const keep = (
  { follower, run }: Pick<Following, "follower"> & { readonly run: (sql: string) => Effect.Effect<void> },
  token: string
) =>
  Effect.zipRight(
    run(`REPLACE INTO kept (bot_id, token) VALUES (1, '${token}')`),
    follower.written("1", token, Duration.seconds(5))
  )

layer(loggedServer("outage"), { excludeTestServices: true, timeout: Duration.seconds(90) })("the follower", (it) => {
  it.scoped("goes on from where it was when its thread is killed, with nothing lost or doubted", () =>
    Effect.gen(function* () {
      const { caughtUp, connection, follower, run, seen } = yield* following
      const found = yield* seen(
        Effect.gen(function* () {
          for (const user of [1, 2, 3]) {
            yield* run(`${INSERT} (${user}, 1)`)
            const threads = yield* Effect.promise(() => rowsOf(connection, "SHOW PROCESSLIST"))
            for (const { Command, Id } of threads) {
              if (/^Binlog Dump/.test(Command)) yield* run(`KILL ${Id}`)
            }
            yield* run(`${INSERT} (${user}0, 1)`)
            yield* caughtUp
          }
        })
      )
      assert.deepStrictEqual(found, { users: ["1:1", "1:10", "1:2", "1:20", "1:3", "1:30"], doubts: [] })
      assert.isAtLeast((yield* follower.figures).reconnects, 1)
    })
  )

  it.scoped("follows from file to file", () =>
    Effect.gen(function* () {
      const { caughtUp, run, seen } = yield* following
      const before = yield* caughtUp
      const found = yield* seen(
        run("FLUSH LOGS", `${INSERT} (1, 1)`, "FLUSH LOGS", "FLUSH LOGS", `${INSERT} (2, 1)`, "FLUSH LOGS")
      )
      assert.deepStrictEqual(found, { users: ["1:1", "1:2"], doubts: [] })
      assert.strictEqual((yield* caughtUp).number, before.number + 4)
    })
  )

  it.scoped("reads on when checksums are switched off and on: a TRUNCATE after that is seen", () =>
    Effect.gen(function* () {
      const { run, seen } = yield* following
      for (const checksum of ["NONE", "CRC32"]) {
        const found = yield* seen(
          run(`SET GLOBAL binlog_checksum = ${checksum}`, `${INSERT} (1, 1)`, "TRUNCATE TABLE users")
        )
        assert.deepStrictEqual(found, { users: ["1:1"], doubts: ["definition users"] })
      }
    })
  )

  it.scoped("takes a log that was reset for another: all is in doubt, and it follows the new one", () =>
    Effect.gen(function* () {
      const { caughtUp, follower, run, seen } = yield* following
      const kept = yield* keep({ follower, run }, "before")
      yield* caughtUp
      assert.deepStrictEqual(follower.distrust(kept), Option.none())
      const found = yield* seen(run(RESET))
      assert.deepStrictEqual(found.doubts, ["gap"])
      assert.isTrue(Option.isSome(follower.distrust(kept)))
      // Also when the new log has grown past that place.
      for (let i = 0; i < 20; i++) yield* run(`${INSERT} (${i}, 2)`, `UPDATE users SET n = n + 1`)
      const reached = yield* caughtUp
      assert.isTrue(Option.isSome(follower.distrust(kept)))
      assert.deepStrictEqual(follower.changed("2", Place.make("binlog.000001", 4)), {
        _tag: "Users",
        users: Array.from({ length: 20 }, (_, i) => String(i))
      })
      const next = yield* keep({ follower, run }, "after")
      assert.isTrue(Place.isAfter(next, reached))
      assert.deepStrictEqual(follower.distrust(next), Option.none())
    })
  )

  it.scoped("answers nothing from a log that was reset without its reader knowing yet", () =>
    Effect.gen(function* () {
      const { follower, provide, proxy, run, seen } = yield* following
      yield* run(`${INSERT} (1, 1)`, `${INSERT} (2, 1)`)
      const found = yield* seen(
        Effect.gen(function* () {
          proxy.hold()
          yield* run(RESET, `${INSERT} (3, 1)`)
          // The new log ends before what was read of the old one.
          const failure = yield* Effect.flip(provide(follower.upToDate(Duration.seconds(1))))
          assert.strictEqual(failure._tag === "NotFollowing" && failure.why, "lost")
        })
      )
      assert.deepStrictEqual(found.doubts, ["gap"])
    })
  )

  it.scoped("doubts all when what was written while it was away has been purged", () =>
    Effect.gen(function* () {
      const { caughtUp, follower, proxy, run, seen, ...rest } = yield* following
      const kept = yield* keep({ follower, run }, "before")
      const found = yield* seen(
        Effect.gen(function* () {
          proxy.cut()
          yield* untilLost({ follower })
          yield* run(`${INSERT} (1, 1)`, "FLUSH LOGS", "FLUSH LOGS")
          // A file that its reader has not let go of yet is not purged.
          yield* Effect.gen(function* () {
            const logs = yield* Effect.promise(() => rowsOf(rest.connection, "SHOW BINARY LOGS"))
            yield* run(`PURGE BINARY LOGS TO '${logs.at(-1)?.Log_name}'`)
            return logs.length
          }).pipe(Effect.delay(Duration.millis(50)), Effect.repeat({ until: (files) => files === 1 }))
          proxy.repair()
        })
      )
      assert.deepStrictEqual(found.doubts, ["gap"])
      yield* caughtUp
      assert.isTrue(Option.isSome(follower.distrust(kept)))
    })
  )

  it.scoped("notices a network that swallows everything, and answers nothing from what it has", () =>
    Effect.gen(function* () {
      const { follower, provide, proxy, run, seen } = yield* following
      const found = yield* seen(
        Effect.gen(function* () {
          proxy.swallow()
          yield* run(`${INSERT} (1, 1)`)
          const failure = yield* Effect.flip(provide(follower.upToDate(Duration.millis(200))))
          assert.strictEqual(failure._tag === "NotFollowing" && failure.why, "late")
          const waiting = yield* Effect.flip(provide(follower.upToDate(Duration.seconds(5))))
          assert.strictEqual(waiting._tag === "NotFollowing" && waiting.why, "lost")
        })
      )
      assert.deepStrictEqual(found, { users: ["1:1"], doubts: [] })
    })
  )

  it.scoped("keeps what was prepared over a new connection; a new follower does not have it, and doubts all", () =>
    Effect.gen(function* () {
      const { address, caughtUp, connect, follower, proxy, run, seen } = yield* following
      // A session that has prepared one may do nothing else; when it ends, others may commit it.
      const prepare = (xid: string, user: number) =>
        Effect.flatMap(connect, (session) =>
          Effect.promise(async () => {
            await session.query(`XA START '${xid}'; ${INSERT} (${user}, 1); XA END '${xid}'; XA PREPARE '${xid}'`)
            await session.end()
          })
        )
      yield* prepare("a", 1)
      yield* prepare("b", 2).pipe(Effect.zipRight(caughtUp))
      const later = yield* follow(address)
      yield* later.caughtUp
      const [first, second] = yield* Effect.all(
        [
          seen(
            Effect.gen(function* () {
              proxy.cut()
              yield* untilLost({ follower })
              proxy.repair()
              yield* run("XA COMMIT 'a'", "XA ROLLBACK 'b'")
            })
          ),
          later.seen(Effect.zipRight(Effect.sleep(Duration.millis(500)), caughtUp))
        ],
        { concurrency: 2 }
      )
      assert.deepStrictEqual(first, { users: ["1:1"], doubts: [] })
      assert.deepStrictEqual(second, { users: [], doubts: ["xa"] })
    })
  )

  it.scoped("begins at the oldest facts that are kept, and trusts those of this log alone", () =>
    Effect.gen(function* () {
      const { address, caughtUp, follower, run } = yield* following
      const kept = yield* keep({ follower, run }, "old")
      yield* run(`${INSERT} (1, 1)`, "FLUSH LOGS", `${INSERT} (2, 1)`)
      const young = yield* keep({ follower, run }, "young")
      yield* run(`${INSERT} (3, 1)`)
      yield* caughtUp
      const others = [
        { ...kept, server: "another" },
        { ...kept, file: "binlog.000000", number: 0 }
      ]
      const start = (anchors: ReadonlyArray<Place.Anchor>) =>
        Effect.tap(follow(address, { kept: Effect.succeed(anchors) }), ({ caughtUp }) => caughtUp)
      const next = yield* start([young, kept, ...others])
      assert.deepStrictEqual(next.since(kept), ["1:1", "1:2", "1:3"])
      assert.deepStrictEqual(next.since(young), ["1:3"])
      for (const good of [young, kept]) assert.deepStrictEqual(next.follower.distrust(good), Option.none())
      for (const bad of others) assert.isTrue(Option.isSome(next.follower.distrust(bad)))
      assert.deepStrictEqual(yield* next.follower.written("1", "young", Duration.seconds(1)), young)
      // The same name and place of a file that was born at another time.
      const reset = yield* start([{ ...kept, born: kept.born - 1 }])
      assert.deepStrictEqual((yield* reset.follower.figures).doubts, [{ kind: "gap", table: undefined, count: 1 }])
    })
  )

  it.scoped("that reads late over swapped columns does not let an answer out before the doubt", () =>
    Effect.gen(function* () {
      const { address, connection, run, server } = yield* fresh(yield* LoggedServer)
      const [logProxy, proxy] = [yield* makeTcpProxy(server.port), yield* makeTcpProxy(server.port)]
      const log = { ...address, port: logProxy.port }
      const { caughtUp, follower, provide } = yield* follow({ ...address, port: proxy.port }, {}, log)
      yield* caughtUp
      const kept = yield* keep({ follower, run }, "before")
      assert.deepStrictEqual(follower.distrust(kept), Option.none())
      // The row has been read when its columns are asked for; by then they are others, and the log's word of it is on its way.
      let swaps = 0
      proxy.before("'users'", async () => {
        if (swaps++ > 0) return
        logProxy.hold()
        await connection.query("ALTER TABLE users RENAME COLUMN user_id TO x, RENAME COLUMN bot_id TO user_id")
        await connection.query("ALTER TABLE users RENAME COLUMN x TO bot_id")
      })
      logProxy.hold()
      yield* run(`${INSERT} (111, 5)`)
      const answer = yield* Effect.fork(provide(follower.upToDate(Duration.seconds(5))))
      yield* Effect.sleep(Duration.millis(100))
      logProxy.release()
      yield* Effect.sleep(Duration.millis(200))
      assert.strictEqual(swaps, 1)
      assert.isTrue(Option.isNone(yield* Fiber.poll(answer)))
      logProxy.release()
      assert.isTrue(Place.isBefore(kept, yield* answer))
      assert.isTrue(Option.isSome(follower.distrust(kept)))
    })
  )

  it.scoped("says at once that it is away while the server is, and goes on when it is back", () =>
    Effect.gen(function* () {
      const { caughtUp, follower, provide, run, server, ...rest } = yield* following
      yield* run(`${INSERT} (1, 1)`, "FLUSH LOGS")
      const from = yield* caughtUp
      yield* server.kill("SIGKILL")
      yield* untilLost({ follower })
      const started = performance.now()
      const failure = yield* Effect.flip(provide(follower.upToDate(Duration.seconds(5))))
      assert.strictEqual(failure._tag, "NotFollowing")
      assert.isBelow(performance.now() - started, 100)
      yield* server.start
      const again = yield* follow(rest.address)
      yield* again.caughtUp
      const other = yield* Effect.acquireRelease(rest.connect, (open) => Effect.sync(() => open.destroy()))
      yield* Effect.promise(() => other.query(`${INSERT} (2, 1)`))
      yield* caughtUp
      const { doubts } = yield* follower.figures
      assert.deepStrictEqual(doubts, [])
      assert.deepStrictEqual(follower.changed("1", from), { _tag: "Users", users: ["2"] })
    })
  )

  it.scoped("refuses another server behind the log's name, and starts anew where both names lead to it", () =>
    Effect.gen(function* () {
      const first = yield* fresh(yield* LoggedServer)
      const second = yield* fresh(yield* startLoggedServer("second"))
      const proxy = yield* makeTcpProxy(first.server.port)
      const log = { ...first.address, port: proxy.port }
      const apart = yield* follow(first.address, { heartbeat: HEARTBEAT }, log)
      const together = yield* follow(log, { heartbeat: HEARTBEAT })
      const kept = yield* Effect.zipRight(together.caughtUp, keep({ ...together, run: first.run }, "first"))
      yield* apart.caughtUp
      proxy.lead(second.server.port)
      proxy.cut()
      proxy.repair()
      yield* untilLost(apart)
      yield* second.run(`${INSERT} (1, 1)`)
      yield* Effect.sleep(Duration.millis(100))
      yield* together.caughtUp
      assert.deepStrictEqual((yield* together.follower.figures).doubts, [{ kind: "gap", table: undefined, count: 1 }])
      assert.isTrue(Option.isSome(together.follower.distrust(kept)))
      yield* Effect.sleep(Duration.millis(1500))
      const state = yield* apart.follower.state
      assert.strictEqual(state._tag === "Lost" && state.why, "moved")
      assert.strictEqual(addressOf(second.server).port, second.server.port)
    })
  )
})
