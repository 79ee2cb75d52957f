import { assert, layer } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { MAX_FAILED } from "../Domain/LoginLimits.js"
import { getAs, logIn, postLogin, query, request } from "../testing/Client.js"
import { eventually } from "../testing/Eventually.js"
import { openRaw, rawRequest } from "../testing/RawHttp.js"
import { initDataOf, TestService, testService } from "../testing/Service.js"

const OWNER = 777000123

/** The samples of a metric, by the value of the one label that matters. */
const byLabel = (name: string, label: string) =>
  Effect.map(request("/metrics"), ({ text }): Record<string, number> => {
    const pattern = new RegExp(`^${name}\\{${label}="([^"]+)"\\} (\\S+)$`, "gm")
    return Object.fromEntries([...text.matchAll(pattern)].map(([, key = "", value]) => [key, Number(value)]))
  })

const withTableAway = <A, E, R>(table: string, act: Effect.Effect<A, E, R>) =>
  query(`RENAME TABLE ${table} TO away`).pipe(
    Effect.zipRight(act),
    Effect.zipLeft(query(`RENAME TABLE away TO ${table}`))
  )

const withTableLocked = <A, E, R>(table: string, act: Effect.Effect<A, E, R>) =>
  query(`LOCK TABLES ${table} WRITE`).pipe(Effect.zipRight(act), Effect.zipLeft(query("UNLOCK TABLES")))

/** A client that sends this and goes away after a while. */
const sendAndLeave = (bytes: string, after: Duration.DurationInput) =>
  Effect.flatMap(TestService, ({ url }) =>
    Effect.acquireUseRelease(
      Effect.sync(() => openRaw(url)),
      (client) =>
        Effect.zipRight(
          Effect.sync(() => client.write(bytes)),
          Effect.sleep(after)
        ),
      (client) => Effect.sync(() => client.socket.destroy())
    )
  )

const settings = {
  trustedProxies: ["127.0.0.1"],
  initDataMaxAge: Duration.hours(1),
  queryTimeout: Duration.millis(700)
}

layer(testService({ settings }), { excludeTestServices: true })("the figures", (it) => {
  it.effect("count logins by what became of them", () =>
    Effect.gen(function* () {
      const before = yield* byLabel("logins_total", "outcome")
      assert.deepEqual(Object.keys(before).sort(), [
        "abandoned",
        "expired",
        "failed",
        "forged",
        "limited",
        "malformed",
        "ok",
        "unavailable"
      ])
      let address = 0
      const from = () => ({ "X-Forwarded-For": `10.0.0.${address++}` })
      const initData = initDataOf(OWNER)
      const forged = `${initData.slice(0, -4)}0000`
      yield* logIn(initData, from())
      yield* logIn("hash=1", from())
      yield* postLogin("{", from())
      yield* postLogin("a".repeat(70_000), from())
      yield* logIn(initDataOf(OWNER, { auth_date: String(Math.floor(Date.now() / 1000) - 7200) }), from())
      const attacker = from()
      for (let i = 0; i < MAX_FAILED + 2; i++) yield* logIn(forged, attacker)
      yield* withTableAway("bot_analytics_admins", logIn(initData, from()))
      yield* withTableLocked("bot_analytics_admins", logIn(initData, from()))
      yield* sendAndLeave(
        rawRequest("POST", "/api/auth/telegram", { "Content-Type": "application/json", "Content-Length": "9" }),
        "100 millis"
      )
      yield* eventually(
        Effect.map(byLabel("logins_total", "outcome"), ({ abandoned }) => abandoned === 1),
        "3 seconds"
      )
      assert.deepEqual(yield* byLabel("logins_total", "outcome"), {
        ok: 1,
        malformed: 3,
        expired: 1,
        forged: MAX_FAILED,
        limited: 2,
        failed: 1,
        unavailable: 1,
        abandoned: 1
      })
    })
  )

  it.effect("time statements by how they ended", () =>
    Effect.gen(function* () {
      const counts = byLabel("database_statement_duration_seconds_count", "outcome")
      const before = yield* counts
      assert.sameMembers(Object.keys(before), ["ok", "unavailable", "failed", "interrupted"])
      const grown = (outcome: string) => Effect.map(counts, (now) => (now[outcome] ?? 0) - (before[outcome] ?? 0))
      yield* getAs(OWNER, "/api/bots")
      assert.isAbove(yield* grown("ok"), 0)
      yield* withTableAway("bots", getAs(OWNER, "/api/bots"))
      assert.strictEqual(yield* grown("failed"), 1)
      // It looks at the tables until they are whole again, and asks the database nothing meanwhile.
      yield* eventually(
        Effect.map(request("/readyz"), ({ status }) => status === 200),
        "3 seconds"
      )
      yield* withTableLocked("bots", getAs(OWNER, "/api/bots"))
      assert.strictEqual(yield* grown("unavailable"), 1)
      yield* withTableLocked(
        "bots",
        Effect.gen(function* () {
          yield* sendAndLeave(
            rawRequest("GET", "/api/bots", { "X-Telegram-Init-Data": initDataOf(OWNER) }),
            "200 millis"
          )
          yield* eventually(
            Effect.map(grown("interrupted"), (count) => count === 1),
            "3 seconds"
          )
        })
      )
      const sums = yield* byLabel("database_statement_duration_seconds_sum", "outcome")
      assert.isAbove(sums.unavailable ?? 0, 0.6)
    })
  )

  it.effect("have the event loop's delay, by quantile", () =>
    Effect.gen(function* () {
      const { text } = yield* request("/metrics")
      for (const name of ["lag_seconds", "lag_p50_seconds", "lag_p99_seconds", "lag_max_seconds"]) {
        assert.match(text, new RegExp(`^nodejs_eventloop_${name} \\d`, "m"))
      }
    })
  )
})
