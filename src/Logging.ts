import { Array, Cause, Effect, HashMap, Inspectable, Layer, Logger } from "effect"
import { AppConfig } from "./Config.js"

/** A message's parts as text; an Error says its own, anything else is written as JSON. */
const textOf = (message: unknown): string =>
  Array.ensure(message)
    .map((part) => (part instanceof Error ? String(part) : Inspectable.toStringUnknown(part, 0)))
    .join(" ")

/** A line that can't be written must not become a failure of the request that it tells about. */
const plain = (value: unknown): unknown =>
  typeof value === "number" || typeof value === "boolean" ? value : Inspectable.toStringUnknown(value, 0)

const causeOf = (cause: Cause.Cause<unknown>): string | undefined =>
  Cause.isEmptyType(cause) ? undefined : Cause.pretty(cause, { renderErrorCause: true })

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
      line[key] = plain(value)
    })
    const why = causeOf(cause)
    if (why !== undefined) line.cause = why
    return JSON.stringify(line)
  }
)

/** What a request's message says already. */
const SAID = new Set(["method", "route", "status"])

const colors: Readonly<Record<string, number>> = { ERROR: 31, FATAL: 31, WARN: 33, INFO: 32, DEBUG: 34, TRACE: 90 }

/**
 * One line for people: the time of the day, level, message, then the rest as name=value; a cause stands below. Effect's
 * own gives each annotation a line, and every request seven.
 */
export const prettyLine = (colorful: boolean): Logger.Logger<unknown, string> => {
  const colored = (color: number, text: string) => (colorful ? `\u001b[${color}m${text}\u001b[0m` : text)
  return Logger.make(({ annotations, cause, date, logLevel, message }) => {
    const isRequest = HashMap.has(annotations, "route")
    const more = HashMap.toEntries(annotations)
      .filter(([key]) => !(isRequest && SAID.has(key)))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => `${key}=${Inspectable.toStringUnknown(value, 0)}`)
    const time = date.toTimeString().slice(0, 8)
    const level = colored(colors[logLevel.label] ?? 0, logLevel.label.padEnd(5))
    const why = causeOf(cause)
    return [
      [time, level, textOf(message), ...(more.length === 0 ? [] : [colored(90, more.join(" "))])].join(" "),
      ...(why === undefined ? [] : [why])
    ].join("\n")
  })
}

const toStdout = (line: Logger.Logger<unknown, string>) =>
  Logger.map(line, (text) => {
    process.stdout.write(`${text}\n`)
  })

/** Whoever reads the log may go away; the service stays. */
const survivingItsReader = Layer.effectDiscard(Effect.sync(() => process.stdout.on("error", () => {})))

/** Log lines as the configuration wants them: JSON for collectors, pretty for people. */
export const LoggingLive = Layer.unwrapEffect(
  Effect.map(AppConfig, ({ logFormat, logLevel }) => {
    const line = logFormat === "json" ? jsonLine : prettyLine(process.stdout.isTTY === true)
    return Layer.mergeAll(
      Logger.replace(Logger.defaultLogger, toStdout(line)),
      Logger.minimumLogLevel(logLevel),
      survivingItsReader
    )
  })
)
