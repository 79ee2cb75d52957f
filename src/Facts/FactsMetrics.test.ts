import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { query, request } from "../testing/Client.js"
import { connect } from "../testing/Database.js"
import { eventually } from "../testing/Eventually.js"
import { untilFacts } from "../testing/Facts.js"
import { checkAll } from "../testing/FactsCheck.js"
import { assertRight, insertPayment, makeBots, start } from "../testing/Scene.js"
import { TestService } from "../testing/Service.js"
import { makeTcpProxy } from "../testing/TcpProxy.js"

/** All that /metrics says of figures and of the log, by name and labels. */
const metrics = Effect.map(request("/metrics"), ({ text }) => {
  const found = new Map<string, number>()
  for (const [, name = "", value] of text.matchAll(/^((?:log|figures)_\w+(?:\{[^}]*\})?) (\S+)$/gm)) {
    found.set(name, Number(value))
  }
  return found
})

const ANSWERS = (source: string) => `figures_answers_total{source="${source}"}`
const DOUBTS = (kind: string, table: string) => `log_doubts_total{kind="${kind}",table="${table}"}`

/** By how much these have grown through it. */
const growth = Effect.fnUntraced(function* <E, R>(doing: Effect.Effect<unknown, E, R>) {
  const before = yield* metrics
  yield* doing
  const after = yield* metrics
  return (name: string) => (after.get(name) ?? 0) - (before.get(name) ?? 0)
})

const reads = (name: string, isSo: (value: number) => boolean) =>
  eventually(
    Effect.map(metrics, (all) => isSo(all.get(name) ?? Number.NaN)),
    "10 seconds"
  )

/** Two figures that come from facts where they can. */
const FIGURES = 2

const scene = Effect.gen(function* () {
  const database = yield* makeBots()
  const proxy = yield* makeTcpProxy(database.address.port)
  const { running } = yield* start(database, { logDatabase: { ...database.address, port: proxy.port } })
  return { database, proxy, running }
})

describe("what /metrics says of the figures and of the log", () => {
  it.scopedLive("where answers came from, how they waited, and what waits to be folded", () =>
    Effect.gen(function* () {
      const { database, running } = yield* scene
      yield* Effect.gen(function* () {
        yield* untilFacts()
        yield* checkAll
        const quiet = yield* growth(assertRight)
        assert.strictEqual(quiet(ANSWERS("facts")), FIGURES)
        assert.strictEqual(quiet(ANSWERS("facts_and_rows")) + quiet(ANSWERS("rows")), 0)
        assert.isAtLeast(quiet("figures_waits_total"), FIGURES)
        assert.isAbove(quiet("figures_wait_seconds_total"), 0)

        // Nothing is folded while somebody holds what it would be written to.
        const locker = yield* connect(database.address)
        yield* Effect.promise(() => locker.query("BEGIN; SELECT bot_id FROM bot_analytics_kept FOR UPDATE"))
        const written = yield* growth(
          Effect.gen(function* () {
            for (const user of [71, 72, 73]) yield* insertPayment(database.connection, `m${user}`, user)
            yield* reads("log_pending_users", (users) => users === 3)
            yield* reads("log_pending_bots", (bots) => bots === 1)
            yield* assertRight
          })
        )
        assert.strictEqual(written(ANSWERS("facts_and_rows")), FIGURES)
        assert.strictEqual(written(ANSWERS("rows")), 0)
        // At least a beginning, a map of the table, a row and an end of each.
        assert.isAtLeast(written("log_events_total"), 3 * 4)
        assert.isAtLeast(written("log_bytes_total"), 3 * 100)
        yield* Effect.promise(() => locker.query("ROLLBACK"))
        yield* reads("log_pending_users", (users) => users === 0)
        yield* reads("log_pending_bots", (bots) => bots === 0)
      }).pipe(Effect.provideService(TestService, running))
    })
  )

  it.scopedLive("each doubt by its kind and its table", () =>
    Effect.gen(function* () {
      const { running } = yield* scene
      yield* Effect.gen(function* () {
        yield* untilFacts()
        const definition = yield* growth(
          Effect.gen(function* () {
            yield* query("ALTER TABLE payments COMMENT = 'another'")
            yield* query("TRUNCATE TABLE subscriptions")
            yield* assertRight
          })
        )
        assert.strictEqual(definition(DOUBTS("definition", "payments")), 1)
        assert.strictEqual(definition(DOUBTS("definition", "subscriptions")), 1)
        assert.strictEqual(definition(DOUBTS("definition", "users")), 0)
        assert.isAtLeast(definition(ANSWERS("rows")), 1)
        yield* untilFacts()
        const other = yield* growth(
          Effect.gen(function* () {
            yield* query("SET SESSION binlog_format = 'STATEMENT'; UPDATE payments SET amount = amount + 1")
            yield* query("SET SESSION binlog_format = 'ROW', SESSION binlog_row_image = 'MINIMAL'")
            yield* query("UPDATE users SET username = 'y' WHERE uid = 2")
            yield* assertRight
          })
        )
        // Other tests may write such statements into databases of theirs.
        assert.isAtLeast(other(DOUBTS("statement", "all")), 1)
        assert.strictEqual(other(DOUBTS("image", "users")), 1)
      }).pipe(Effect.provideService(TestService, running))
    })
  )

  it.scopedLive("that the log is behind, who waits for it, and that it was lost", () =>
    Effect.gen(function* () {
      const { database, proxy, running } = yield* scene
      yield* Effect.gen(function* () {
        yield* untilFacts()
        yield* checkAll
        yield* reads("log_following", (value) => value === 1)
        const late = yield* growth(
          Effect.gen(function* () {
            proxy.hold()
            yield* insertPayment(database.connection, "held")
            const asked = yield* Effect.fork(assertRight)
            yield* reads("log_waiting", (waiting) => waiting >= 1)
            yield* reads("log_behind_bytes", (bytes) => bytes > 100)
            yield* reads("log_behind_seconds", (seconds) => seconds > 0)
            yield* Fiber.join(asked)
          })
        )
        assert.strictEqual(late(ANSWERS("rows")), FIGURES)
        assert.isAtLeast(late("figures_wait_seconds_total"), 1)

        const lost = yield* growth(
          Effect.gen(function* () {
            proxy.cut()
            yield* reads("log_following", (value) => value === 0)
            yield* assertRight
            proxy.repair()
            yield* reads("log_following", (value) => value === 1)
          })
        )
        assert.strictEqual(lost(ANSWERS("rows")), FIGURES)
        assert.isAtLeast(lost("log_reconnects_total"), 1)
        yield* untilFacts()
        yield* assertRight
        yield* reads("log_behind_bytes", (bytes) => bytes === 0)
        yield* reads("log_behind_seconds", (seconds) => seconds === 0)
        yield* reads("log_waiting", (waiting) => waiting === 0)
      }).pipe(Effect.provideService(TestService, running))
    })
  )
})
