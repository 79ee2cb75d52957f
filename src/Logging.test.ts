import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import { CurrentRequest } from "./Domain/CurrentRequest.js"
import { jsonLine, prettyLine, RequestLine } from "./Logging.js"

const linesOf = (logger: Logger.Logger<unknown, string>, program: Effect.Effect<void>): ReadonlyArray<string> => {
  const lines: Array<string> = []
  const keep = Logger.map(logger, (line) => void lines.push(line))
  Effect.runSync(
    program.pipe(Effect.provide(Logger.replace(Logger.defaultLogger, keep)), Logger.withMinimumLogLevel(LogLevel.Trace))
  )
  return lines
}

const request = Effect.logInfo(
  new RequestLine({
    method: "GET",
    route: "/api/users",
    status: 400,
    duration_ms: 1.25,
    error: "InvalidRequest",
    admin_id: 42
  })
).pipe(
  Effect.provideService(CurrentRequest, {
    id: "d1b2",
    method: "GET",
    route: undefined,
    startedAt: 0,
    admin: undefined,
    error: undefined
  })
)
const failure = Effect.logError("A request failed", new Error("outer", { cause: new Error("inner") }))

describe("the log", () => {
  it("is pretty in one line for each request", () => {
    const [line = "", ...more] = linesOf(prettyLine(false), request)
    assert.deepEqual(more, [])
    assert.match(line, /^\d\d:\d\d:\d\d INFO {2}GET \/api\/users 400 /)
    assert.isTrue(line.endsWith(" admin_id=42 duration_ms=1.25 error=InvalidRequest request_id=d1b2"), line)
  })

  it("has colours on a terminal only", () => {
    assert.include(linesOf(prettyLine(true), request)[0], "\u001b[32mINFO")
    assert.notInclude(linesOf(prettyLine(false), request)[0], "\u001b[")
  })

  it("is one JSON object for each request, its fields side by side", () => {
    const [line = ""] = linesOf(jsonLine, request)
    const { time, ...fields } = JSON.parse(line)
    assert.closeTo(Date.parse(time), Date.now(), 60_000)
    assert.deepEqual(fields, {
      level: "INFO",
      message: "GET /api/users 400",
      method: "GET",
      route: "/api/users",
      status: 400,
      duration_ms: 1.25,
      request_id: "d1b2",
      error: "InvalidRequest",
      admin_id: 42
    })
  })

  it("shows the cause of a failure in both", () => {
    const cause = Effect.catchAllCause(Effect.die(new Error("outer", { cause: new Error("inner") })), (cause) =>
      Effect.logError("A request failed", cause)
    )
    for (const logger of [jsonLine, prettyLine(false)]) {
      const [text = ""] = linesOf(logger, cause)
      assert.include(text, "A request failed")
      assert.include(text, "outer")
      assert.include(text, "inner")
    }
    assert.include(linesOf(jsonLine, failure)[0], "Error: outer")
  })

  it("takes whatever it is given", () => {
    const circular: Record<string, unknown> = { n: 1n }
    circular.self = circular
    for (const logger of [jsonLine, prettyLine(false)]) {
      assert.lengthOf(linesOf(logger, Effect.annotateLogs(Effect.log(circular, undefined, 1n), "x", circular)), 1)
    }
  })
})
