import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { unavailable } from "../Database/Failure.js"
import { ping, Readiness } from "../Database/Readiness.js"
import { ServiceUnavailable } from "../Domain/Errors.js"
import { FactsState, wordOf } from "../Facts/State.js"
import { apiOf } from "../Response/ApiOf.js"
import { responding } from "../Response/Respond.js"
import { Metrics } from "../Telemetry/Metrics.js"
import { SystemApi } from "./Api.js"
import { Draining } from "./Draining.js"

/** A probe wants its answer before it gives up. */
const PROBE_TIMEOUT = Duration.seconds(2)

const stopping = new ServiceUnavailable({ message: "The service is stopping; ask another instance" })

export const SystemHttp = HttpApiBuilder.group(apiOf(SystemApi), "system", (handlers) =>
  Effect.gen(function* () {
    const readiness = yield* Readiness
    const metrics = yield* Metrics
    const draining = yield* Draining
    const facts = yield* FactsState
    const sql = yield* SqlClient.SqlClient

    const databaseAnswers = ping.pipe(
      Effect.provideService(SqlClient.SqlClient, sql),
      Effect.timeout(PROBE_TIMEOUT),
      Effect.mapError(() => unavailable)
    )

    const ready = Effect.suspend(() => (draining.isStarted() ? Effect.fail(stopping) : readiness.tables)).pipe(
      Effect.zipRight(databaseAnswers),
      Effect.zipRight(facts.get),
      Effect.map((state) => ({ status: "ready" as const, figures: wordOf(state) }))
    )

    return handlers
      .handle(...responding(SystemApi, "getHealth", () => Effect.succeed({ status: "ok" })))
      .handle(...responding(SystemApi, "getReadiness", () => ready))
      .handle(...responding(SystemApi, "getMetrics", () => metrics.text))
  })
)
