import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import * as Predicate from "effect/Predicate"
import * as Tracer from "effect/Tracer"

/**
 * A tracer whose spans hold what is listed here and nothing else, so that no library and no later change puts a secret
 * into one: attributes by name, errors by their tag, and no log lines (they go to the log).
 */
const ATTRIBUTES = new Set([
  "http.request.method",
  "http.route",
  "http.response.status_code",
  "error.type",
  "app.request_id",
  "app.login_outcome",
  "db.system.name",
  "db.namespace",
  "db.operation.name",
  // Every value in a statement's text is a question mark.
  "db.query.text",
  "server.address",
  "server.port"
])

const codeOf = (error: unknown): string => {
  const cause = Predicate.hasProperty(error, "cause") ? error.cause : undefined
  const code = Predicate.hasProperty(cause, "code") ? cause.code : cause
  // What the driver calls its errors, ER_LOCK_DEADLOCK and the like, and never a sentence, which may quote a value.
  return typeof code === "string" && /^\w{1,64}$/.test(code) ? code : ""
}

/** An error without its words, its data, and its stack. */
const bare = (error: unknown): Error => {
  const quiet = new Error(codeOf(error))
  quiet.name =
    Predicate.hasProperty(error, "_tag") && Predicate.isString(error._tag)
      ? error._tag
      : error instanceof Error
        ? error.constructor.name
        : "Error"
  quiet.stack = quiet.name
  return quiet
}

const quietExit = (exit: Exit.Exit<unknown, unknown>): Exit.Exit<unknown, unknown> =>
  Exit.isSuccess(exit)
    ? Exit.void
    : Cause.isInterruptedOnly(exit.cause)
      ? exit
      : Exit.fail(bare(Cause.squash(exit.cause)))

const quieten = (span: Tracer.Span): Tracer.Span => {
  const attribute = span.attribute.bind(span)
  const end = span.end.bind(span)
  return Object.assign(span, {
    attribute: (key: string, value: unknown) => {
      if (ATTRIBUTES.has(key)) attribute(key, value)
    },
    event: () => {},
    end: (endTime: bigint, exit: Exit.Exit<unknown, unknown>) => end(endTime, quietExit(exit))
  })
}

export const quietTracer = (tracer: Tracer.Tracer): Tracer.Tracer =>
  Tracer.make({ context: tracer.context, span: (...options) => quieten(tracer.span(...options)) })
