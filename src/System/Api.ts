import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Schema from "effect/Schema"
import { ServiceUnavailable } from "../Domain/Errors.js"

const Health = Schema.Struct({ status: Schema.Literal("ok") }).annotations({ identifier: "Health" })
const Ready = Schema.Struct({
  status: Schema.Literal("ready"),
  figures: Schema.Literal("facts", "building", "direct").annotations({
    description:
      "Where figures come from: `facts`, tables of the service's own that are kept up to date; or each time from the bots' rows, `direct`ly, because the database or its rights allow no more (the log says what), or while facts are `building`. They are the same figures."
  }),
  reasons: Schema.optionalWith(
    Schema.Array(Schema.String).annotations({
      description:
        "What is wrong in the database though every answer is right, and what to do; left out where nothing is"
    }),
    { exact: true }
  )
}).annotations({ identifier: "Ready" })

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
      .addError(ServiceUnavailable)
      .annotate(OpenApi.Identifier, "getReadiness")
      .annotate(OpenApi.Summary, "The service can answer")
      .annotate(
        OpenApi.Description,
        "The database answers, the migrations are in, and the bots' tables have what is needed; 503 where not, and the message names what is missing."
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
