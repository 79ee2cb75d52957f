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
    const { answers, audits, get, report, waits } = yield* FactsState
    const runSync = Runtime.runSync(yield* Effect.runtime<never>())

    /** None while nothing is followed. */
    const figuresOfLog = (): Figures | undefined =>
      runSync(
        Effect.flatMap(get, (state) =>
          state._tag === "Follows" ? state.followed.follower.figures : Effect.succeed(undefined)
        )
      )
    const ofLog = (read: (log: Figures) => number) => () => {
      const log = figuresOfLog()
      return log === undefined ? 0 : read(log)
    }
    const registers = [registry]
    const counter = (name: string, help: string, read: () => number) =>
      new Counter({
        name,
        help,
        registers,
        collect() {
          this.reset()
          this.inc(read())
        }
      })
    const gauge = (name: string, help: string, read: () => number) =>
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read())
        }
      })

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
    new Gauge({
      name: "figures_state",
      help: "1 for where figures come from at this moment, as /readyz has it",
      labelNames: ["state"],
      registers,
      collect() {
        const { figures } = runSync(report)
        for (const state of ["facts", "building", "rows"]) this.set({ state }, state === figures ? 1 : 0)
      }
    })
    counter(
      "figures_waits_total",
      "How often an answer asked for the log's end, and waited until it was read",
      () => waits.count
    )
    counter("figures_wait_seconds_total", "How long answers waited for the log in all", () => waits.seconds)
    gauge(
      "log_following",
      "Whether the server's binary log is followed: 1, or 0",
      ofLog(({ state }) => Number(state === "Following"))
    )
    gauge(
      "log_behind_bytes",
      "What has been written to the log and not been read",
      ofLog(({ bytesBehind }) => bytesBehind)
    )
    gauge(
      "log_behind_seconds",
      "How old the newest event is that was read, where the log is behind",
      ofLog(({ secondsBehind }) => secondsBehind)
    )
    gauge(
      "log_pending_users",
      "Users whose rows have changed and are not folded yet",
      ofLog(({ pendingUsers }) => pendingUsers)
    )
    gauge(
      "log_pending_bots",
      "Bots that have such users",
      ofLog(({ pendingBots }) => pendingBots)
    )
    gauge(
      "log_waiting",
      "Answers and folds that wait for the log at this moment",
      ofLog(({ waiting }) => waiting)
    )
    counter(
      "log_events_total",
      "Events of the log that were read",
      ofLog(({ events }) => events)
    )
    counter(
      "log_bytes_total",
      "Bytes of the log that were read",
      ofLog(({ bytes }) => bytes)
    )
    counter(
      "log_reconnects_total",
      "How often the log was lost",
      ofLog(({ reconnects }) => reconnects)
    )
    gauge(
      "figures_audit_age_seconds",
      "How long ago the kept figures of a bot were audited as a whole, of the bot where that is longest; 0 where none was",
      () => (audits.oldestAt === undefined ? 0 : (runSync(Clock.currentTimeMillis) - audits.oldestAt) / 1000)
    )
    gauge("figures_audit_bots_never", "Bots whose kept figures were never audited as a whole", () => audits.never)
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
    new Counter({
      name: "log_doubts_total",
      help: "How often the log told of more than rows, by kind and table: figures come from the rows until they are built anew",
      labelNames: ["kind", "table"],
      registers,
      collect() {
        this.reset()
        for (const { count, kind, table = "all" } of figuresOfLog()?.doubts ?? []) this.inc({ kind, table }, count)
      }
    })
  })
)
