import * as Array from "effect/Array"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as FiberRefs from "effect/FiberRefs"
import * as HashMap from "effect/HashMap"
import * as Inspectable from "effect/Inspectable"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import { AppConfig } from "./Config.js"
import { CurrentRequest } from "./Domain/CurrentRequest.js"

/**
 * The `X-Request-Id` of the request that a fiber works for. It is in each of its log lines, without an annotation, which
 * would have to be made for every request and is read by the few that say something.
 */
const requestIdIn = (fiberRefs: FiberRefs.FiberRefs): string | undefined =>
  Context.get(FiberRefs.getOrDefault(fiberRefs, FiberRef.currentContext), CurrentRequest)?.id

export interface RequestFields {
  readonly method: string
  readonly route: string
  readonly status: number
  readonly duration_ms: number
  /** Undefined where there is none, as with the admin: then it is not in the line. */
  readonly error: string | undefined
  readonly admin_id: number | undefined
}

/**
 * What is logged of each request, as a message: annotations, which are for what happens now and then, cost more to make
 * and to read than all the rest of the line.
 */
export class RequestLine {
  constructor(readonly fields: RequestFields) {}

  toString(): string {
    const { method, route, status } = this.fields
    return `${method} ${route} ${status}`
  }
}

const requestIn = (message: unknown): RequestLine | undefined => {
  const first = globalThis.Array.isArray(message) ? message[0] : message
  return first instanceof RequestLine ? first : undefined
}

/** A message's parts as text; an Error says its own, as a request does, anything else is written as JSON. */
const textOf = (message: unknown): string =>
  Array.ensure(message)
    .map((part) =>
      part instanceof Error || part instanceof RequestLine ? String(part) : Inspectable.toStringUnknown(part, 0)
    )
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
  ({ annotations, cause, context, date, logLevel, message }) => {
    const request = requestIn(message)
    const line: Record<string, unknown> = {
      time: date.toISOString(),
      level: logLevel.label,
      message: request === undefined ? textOf(message) : request.toString(),
      method: request?.fields.method,
      route: request?.fields.route,
      status: request?.fields.status,
      duration_ms: request?.fields.duration_ms,
      error: request?.fields.error,
      admin_id: request?.fields.admin_id,
      request_id: requestIdIn(context),
      cause: causeOf(cause)
    }
    HashMap.forEach(annotations, (value, key) => {
      line[key] = plain(value)
    })
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
  return Logger.make(({ annotations, cause, context, date, logLevel, message }) => {
    const request = requestIn(message)
    const fields = { ...request?.fields, request_id: requestIdIn(context), ...Object.fromEntries(annotations) }
    const more = Object.entries(fields)
      .filter(([key, value]) => value !== undefined && (request === undefined || !SAID.has(key)))
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

/** One write for all lines of a turn of the event loop, and for what is left when the process ends. */
const write = (() => {
  let waiting = ""
  const flush = () => {
    const text = waiting
    waiting = ""
    if (text !== "") process.stdout.write(text)
  }
  process.once("exit", flush)
  return (text: string): void => {
    if (waiting === "") setImmediate(flush)
    waiting += `${text}\n`
  }
})()

const toStdout = (line: Logger.Logger<unknown, string>) => Logger.map(line, write)

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
