import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { loadEnvFile } from "./Config/EnvFile.js"
import * as Config from "./Config.js"
import { HttpLive } from "./Http.js"
import { LoggingLive } from "./Logging.js"
import * as Listening from "./Server/Listening/Listening.js"
import { explainServeError } from "./Server/Listening/ServeFailure.js"
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
  Layer.provide(LoggingLive)
)

/** On standard error: an operator reads it before any log is set up. */
const fail = (lines: ReadonlyArray<string>) =>
  Effect.sync(() => {
    for (const line of lines) process.stderr.write(`${line}\n`)
    process.exitCode = 1
  })

const service = Layer.launch(ServiceLive).pipe(
  Effect.catchTag("ServeError", (error) =>
    Effect.flatMap(Config.AppConfig, ({ host, port }) => fail([explainServeError(error, host, port)]))
  ),
  Effect.provide(Config.layer)
)

NodeRuntime.runMain(
  Effect.zipRight(loadEnvFile, service).pipe(
    // One line for each variable that is wrong.
    Effect.catchTag("ConfigError", (error) => fail(Config.explain(error)))
  ),
  { disablePrettyLogger: true }
)
