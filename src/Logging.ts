import { Effect, Layer, Logger } from "effect"
import { AppConfig } from "./Config.js"

/** Log lines as the configuration wants them: JSON for collectors, pretty for people. */
export const LoggingLive = Layer.unwrapEffect(
  Effect.map(AppConfig, ({ logFormat, logLevel }) =>
    Layer.merge(logFormat === "json" ? Logger.json : Logger.pretty, Logger.minimumLogLevel(logLevel))
  )
)
