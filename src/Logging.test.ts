import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import { CurrentRequest } from "./Domain/CurrentRequest.js"
import { jsonLine, prettyLine, RequestLine } from "./Logging.js"

const linesOf = (logger: Logger.Logger<unknown, string>, program: Effect.Effect<void>) =>
  Effect.suspend(() => {
    const lines: Array<string> = []
    const keep = Logger.map(logger, (line) => void lines.push(line))
    return program.pipe(
      Effect.provide(Logger.replace(Logger.defaultLogger, keep)),
      Logger.withMinimumLogLevel(LogLevel.Trace),
      Effect.as(lines)
    )
  })

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
  it.live("is pretty in one line for each request", () =>
    Effect.gen(function* () {
      const [line = "", ...more] = yield* linesOf(prettyLine(false), request)
      assert.deepEqual(more, [])
      assert.match(line, /^\d\d:\d\d:\d\d INFO {2}GET \/api\/users 400 /)
      assert.isTrue(line.endsWith(" admin_id=42 duration_ms=1.25 error=InvalidRequest request_id=d1b2"), line)
    })
  )

  it.live("has colours on a terminal only", () =>
    Effect.gen(function* () {
      assert.include((yield* linesOf(prettyLine(true), request))[0], "\u001b[32mINFO")
      assert.notInclude((yield* linesOf(prettyLine(false), request))[0], "\u001b[")
    })
  )

  it.live("is one JSON object for each request, its fields side by side", () =>
    Effect.gen(function* () {
      const [line = ""] = yield* linesOf(jsonLine, request)
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
  )

  it.live("shows the cause of a failure in both", () =>
    Effect.gen(function* () {
      const cause = Effect.catchAllCause(Effect.die(new Error("outer", { cause: new Error("inner") })), (cause) =>
        Effect.logError("A request failed", cause)
      )
      for (const logger of [jsonLine, prettyLine(false)]) {
        const [text = ""] = yield* linesOf(logger, cause)
        assert.include(text, "A request failed")
        assert.include(text, "outer")
        assert.include(text, "inner")
      }
      assert.include((yield* linesOf(jsonLine, failure))[0], "Error: outer")
    })
  )

  it.live("takes whatever it is given", () =>
    Effect.gen(function* () {
      const circular: Record<string, unknown> = { n: 1n }
      circular.self = circular
      for (const logger of [jsonLine, prettyLine(false)]) {
        assert.lengthOf(
          yield* linesOf(logger, Effect.annotateLogs(Effect.log(circular, undefined, 1n), "x", circular)),
          1
        )
      }
    })
  )
})
