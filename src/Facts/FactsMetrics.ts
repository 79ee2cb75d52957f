import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Counter } from "prom-client"
import { Metrics } from "../Telemetry/Metrics.js"
import { FactsState, SOURCES } from "./State.js"

/** Where figures came from, as a metric. */
export const FactsMetricsLive = Layer.effectDiscard(
  Effect.gen(function* () {
    const { registry } = yield* Metrics
    const { answers } = yield* FactsState
    new Counter({
      name: "figures_answers_total",
      help: "Figures given, by where they came from: facts; facts, and the rows of users that were written since; or all rows",
      labelNames: ["source"],
      registers: [registry],
      collect() {
        this.reset()
        for (const source of SOURCES) this.inc({ source }, answers[source])
      }
    })
  })
)
