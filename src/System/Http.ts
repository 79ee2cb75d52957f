import * as SqlClient from "@effect/sql/SqlClient"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { unavailable } from "../Database/Failure.js"
import { ping, Readiness } from "../Database/Readiness.js"
import { ServiceUnavailable } from "../Domain/Errors.js"
import { FactsState, wordOf } from "../Facts/State.js"
import { Draining } from "../Server/Draining.js"
import { handlers } from "../Server/Endpoints.js"
import { SystemApi } from "./Api.js"
import { Metrics } from "./Metrics.js"

/** A probe wants its answer before it gives up. */
const PROBE_TIMEOUT = Duration.seconds(2)

const stopping = new ServiceUnavailable({ message: "The service is stopping; ask another instance" })

export const SystemHttp = handlers(
  SystemApi,
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

    return {
      getHealth: () => Effect.succeed({ status: "ok" }),
      getReadiness: () =>
        Effect.suspend(() => (draining.started ? Effect.fail(stopping) : readiness.tables)).pipe(
          Effect.zipRight(databaseAnswers),
          Effect.zipRight(facts.get),
          Effect.map((state) => ({ status: "ready", figures: wordOf(state) }))
        ),
      getMetrics: () => metrics.text
    }
  })
)
