import { Array, Cause, Effect, HashMap, Layer, Logger } from "effect"
import { AppConfig } from "./Config.js"

/** A message's parts as text; an Error says its own, anything else is written as JSON. */
const textOf = (message: unknown): string =>
  Array.ensure(message)
    .map((part) => (typeof part === "string" ? part : part instanceof Error ? String(part) : JSON.stringify(part)))
    .join(" ")

/**
 * One JSON object a line: time, level, message, then what the line is annotated with, side by side, where collectors look
 * for fields. Effect's own puts the annotations one level deeper.
 */
export const jsonLine: Logger.Logger<unknown, string> = Logger.make(
  ({ annotations, cause, date, logLevel, message }) => {
    const line: Record<string, unknown> = {
      time: date.toISOString(),
      level: logLevel.label,
      message: textOf(message)
    }
    HashMap.forEach(annotations, (value, key) => {
      line[key] = value
    })
    if (!Cause.isEmptyType(cause)) line.cause = Cause.pretty(cause, { renderErrorCause: true })
    return JSON.stringify(line)
  }
)

const toStdout = Logger.map(jsonLine, (line) => {
  process.stdout.write(`${line}\n`)
})

/** Log lines as the configuration wants them: JSON for collectors, pretty for people. */
export const LoggingLive = Layer.unwrapEffect(
  Effect.map(AppConfig, ({ logFormat, logLevel }) =>
    Layer.merge(
      logFormat === "json" ? Logger.replace(Logger.defaultLogger, toStdout) : Logger.pretty,
      Logger.minimumLogLevel(logLevel)
    )
  )
)
