import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { AppConfig } from "../Config.js"
import { unavailable } from "../Database/Failure.js"
import { Readiness } from "../Database/Readiness.js"
import { NotReady } from "../Domain/Errors.js"
import { FactsState } from "../Facts/State.js"
import { apiOf } from "../Response/ApiOf.js"
import { responding } from "../Response/Respond.js"
import { probeAll } from "../Tables/Probe.js"
import { Metrics } from "../Telemetry/Metrics.js"
import { SystemApi } from "./Api.js"
import { Draining } from "./Draining.js"

/** A probe wants its answer before it gives up. */
const PROBE_TIMEOUT = Duration.seconds(2)
const LOOK_TIMEOUT = Duration.seconds(1)

const stopping = { message: "The service is stopping; ask another instance" }
const notFollowing = { message: "FACTS=on, and the server's log is not followed: `reasons` say why" }

export const SystemHttp = HttpApiBuilder.group(apiOf(SystemApi), "system", (handlers) =>
  Effect.gen(function* () {
    const readiness = yield* Readiness
    const metrics = yield* Metrics
    const draining = yield* Draining
    const facts = yield* FactsState
    const config = yield* AppConfig
    const sql = yield* SqlClient.SqlClient

    const databaseAnswers = sql`SELECT 1`.pipe(
      Effect.timeout(PROBE_TIMEOUT),
      Effect.mapError(() => unavailable)
    )

    // Where a table is not as it was last seen, it is looked at, and what is missing is said. One that is locked is there.
    const tablesAreAsSeen = readiness.ask((tables) => probeAll(sql, tables)).pipe(Effect.timeoutOption(LOOK_TIMEOUT))

    const report = Effect.zipWith(facts.report, readiness.state, (report, state) => ({
      ...report,
      reasons: [...new Set([...(state._tag === "Ready" ? state.reasons : [state.reason]), ...report.reasons])],
      remedy: (state._tag === "Waiting" ? state.remedy : undefined) ?? report.remedy
    }))

    const ready = Effect.gen(function* () {
      if (draining.isStarted()) return yield* Effect.fail(stopping)
      yield* readiness.tables
      yield* databaseAnswers
      yield* tablesAreAsSeen
      const found = yield* report
      if (config.facts === "on" && found.figures === "rows") return yield* Effect.fail(notFollowing)
      return { status: "ready" as const, ...found }
    }).pipe(
      Effect.catchAll(({ message }) =>
        Effect.flatMap(report, (report) => new NotReady({ status: "not ready", message, ...report }))
      )
    )

    return handlers
      .handle(...responding(SystemApi, "getHealth", () => Effect.succeed({ status: "ok" })))
      .handle(...responding(SystemApi, "getReadiness", () => ready))
      .handle(...responding(SystemApi, "getMetrics", () => metrics.text))
  })
)
