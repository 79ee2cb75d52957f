import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import { Counter, Gauge } from "prom-client"
import type { Figures } from "../Follower/Follower.js"
import { Metrics } from "../Telemetry/Metrics.js"
import { FactsState, SOURCES } from "./State.js"
import { KINDS } from "./Store/Audits.js"

/** Where figures came from, and how the log is followed, as metrics. What is counted of the log begins anew with its follower. */
export const FactsMetricsLive = Layer.effectDiscard(
  Effect.gen(function* () {
    const { registry } = yield* Metrics
    const { answers, audits, get, waits } = yield* FactsState
    const runSync = Runtime.runSync(yield* Effect.runtime<never>())

    /** None while nothing is followed. */
    const ofLog = (): Figures | undefined =>
      runSync(
        Effect.flatMap(get, (state) =>
          state._tag === "Follows" ? state.followed.follower.figures : Effect.succeed(undefined)
        )
      )
    const registers = [registry]

    new Counter({
      name: "figures_answers_total",
      help: "Figures given, by where they came from: facts; facts, and the rows of users that were written since; or all rows",
      labelNames: ["source"],
      registers,
      collect() {
        this.reset()
        for (const source of SOURCES) this.inc({ source }, answers[source])
      }
    })
    new Counter({
      name: "figures_waits_total",
      help: "How often an answer asked for the log's end, and waited until it was read",
      registers,
      collect() {
        this.reset()
        this.inc(waits.count)
      }
    })
    new Counter({
      name: "figures_wait_seconds_total",
      help: "How long answers waited for the log in all",
      registers,
      collect() {
        this.reset()
        this.inc(waits.seconds)
      }
    })
    new Gauge({
      name: "figures_audit_age_seconds",
      help: "How long ago the kept figures of a bot were audited as a whole, of the bot where that is longest; 0 where none was",
      registers,
      collect() {
        const now = runSync(Clock.currentTimeMillis)
        this.set(audits.oldestAt === undefined ? 0 : (now - audits.oldestAt) / 1000)
      }
    })
    new Gauge({
      name: "figures_audit_bots_never",
      help: "Bots whose kept figures were never audited as a whole",
      registers,
      collect() {
        this.set(audits.never)
      }
    })
    new Counter({
      name: "figures_audit_differences_total",
      help: "How often an audit found figures that were not what the rows say, by what it held against them",
      labelNames: ["kind"],
      registers,
      collect() {
        this.reset()
        for (const kind of KINDS) this.inc({ kind }, audits.found[kind])
      }
    })
    const gauges = {
      log_following: [
        "Whether the server's binary log is followed: 1, or 0",
        (log) => Number(log.state === "Following")
      ],
      log_behind_bytes: ["What has been written to the log and not been read", (log) => log.bytesBehind],
      log_behind_seconds: [
        "How old the newest event is that was read, where the log is behind",
        (log) => log.secondsBehind
      ],
      log_pending_users: ["Users whose rows have changed and are not folded yet", (log) => log.pendingUsers],
      log_pending_bots: ["Bots that have such users", (log) => log.pendingBots],
      log_waiting: ["Answers and folds that wait for the log at this moment", (log) => log.waiting]
    } satisfies Record<string, readonly [help: string, read: (log: Figures) => number]>
    for (const [name, [help, read]] of Object.entries(gauges)) {
      new Gauge({
        name,
        help,
        registers,
        collect() {
          const log = ofLog()
          this.set(log === undefined ? 0 : read(log))
        }
      })
    }
    const counters = {
      log_events_total: ["Events of the log that were read", (log) => log.events],
      log_bytes_total: ["Bytes of the log that were read", (log) => log.bytes],
      log_reconnects_total: ["How often the log was lost", (log) => log.reconnects]
    } satisfies Record<string, readonly [help: string, read: (log: Figures) => number]>
    for (const [name, [help, read]] of Object.entries(counters)) {
      new Counter({
        name,
        help,
        registers,
        collect() {
          const log = ofLog()
          this.reset()
          this.inc(log === undefined ? 0 : read(log))
        }
      })
    }
    new Counter({
      name: "log_doubts_total",
      help: "How often the log told of more than rows, by kind and table: figures come from the rows until they are built anew",
      labelNames: ["kind", "table"],
      registers,
      collect() {
        this.reset()
        for (const { count, kind, table = "all" } of ofLog()?.doubts ?? []) this.inc({ kind, table }, count)
      }
    })
  })
)
