import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import { FIGURES_SOURCE, NotReady } from "../Domain/Errors.js"

const Health = Schema.Struct({ status: Schema.Literal("ok") }).annotations({ identifier: "Health" })
const Ready = Schema.Struct({ status: Schema.Literal("ready"), ...FIGURES_SOURCE }).annotations({ identifier: "Ready" })

export class SystemApi extends HttpApiGroup.make("system")
  .add(
    HttpApiEndpoint.get("getHealth", "/healthz")
      .addSuccess(Health)
      .annotate(OpenApi.Identifier, "getHealth")
      .annotate(OpenApi.Summary, "The process lives")
      .annotate(OpenApi.Description, "Answers as long as the process does, with the database up or down.")
  )
  .add(
    HttpApiEndpoint.get("getReadiness", "/readyz")
      .addSuccess(Ready)
      .addError(NotReady)
      .annotate(OpenApi.Identifier, "getReadiness")
      .annotate(OpenApi.Summary, "The service can answer")
      .annotate(
        OpenApi.Description,
        "The database answers, the migrations are in, the bots' tables have what is needed, and with `FACTS=on` the log is followed; 503 where not, and the message names what is missing."
      )
  )
  .add(
    HttpApiEndpoint.get("getMetrics", "/metrics")
      .addSuccess(
        Schema.String.pipe(
          HttpApiSchema.withEncoding({ kind: "Text", contentType: "text/plain; version=0.0.4; charset=utf-8" })
        )
      )
      .annotate(OpenApi.Identifier, "getMetrics")
      .annotate(OpenApi.Summary, "Figures for Prometheus")
      .annotate(
        OpenApi.Description,
        "Request counts and durations by route and status, pool and process figures, in Prometheus' text format."
      )
  )
  .annotate(OpenApi.Title, "Operations")
  .annotate(OpenApi.Description, "For the operator's probes and monitoring; no credentials needed") {}
