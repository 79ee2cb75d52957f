import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import type * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Config from "./Config.js"
import { HttpLive } from "./Http.js"
import { LoggingLive } from "./Logging.js"
import * as Listening from "./Server/Listening/Listening.js"
import { DatabaseLive } from "./Startup/DatabaseLive.js"
import { TelemetryLive } from "./Telemetry.js"

const ListeningLive = Layer.unwrapEffect(
  Effect.map(Config.AppConfig, ({ host, port }) => Listening.layer({ host, port }))
)

// The server stands on the database: on SIGTERM it finishes what is in flight before the database goes.
const ServiceLive = HttpLive.pipe(
  Layer.provide(ListeningLive),
  Layer.provide(DatabaseLive),
  Layer.provide(TelemetryLive),
  Layer.provide(LoggingLive),
  Layer.provide(Config.layer)
)

/** One line for each variable that is wrong, on standard error: an operator reads it before any log is set up. */
const explainConfig = (error: ConfigError.ConfigError) =>
  Effect.sync(() => {
    for (const line of Config.explain(error)) process.stderr.write(`${line}\n`)
    process.exitCode = 1
  })

NodeRuntime.runMain(Effect.catchTag(Layer.launch(ServiceLive), "ConfigError", explainConfig), {
  disablePrettyLogger: true
})
