import * as Effect from "effect/Effect"
import { Counter } from "prom-client"
import type { RequestInfo } from "../Domain/CurrentRequest.js"
import { Metrics } from "../Telemetry/Metrics.js"
import { loginOutcome, loginOutcomes } from "./LoginOutcome.js"

/** Counts attempts to log in, by what became of them. It is told of each request, with its final status. */
export const loginMetrics = Effect.map(Metrics, ({ registry }) => {
  const logins = new Counter({
    name: "logins_total",
    help: "Attempts to log in, by what became of them",
    labelNames: ["outcome"],
    registers: [registry]
  })
  // An alert on a rate needs the series to be there before the first attack.
  for (const outcome of loginOutcomes) logins.inc({ outcome }, 0)
  return (request: RequestInfo, status: number) =>
    Effect.sync(() => {
      const outcome = loginOutcome(request, status)
      if (outcome !== undefined) logins.inc({ outcome })
    })
})
