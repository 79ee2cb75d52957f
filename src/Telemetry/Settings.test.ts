import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { explain } from "../Config.js"
import { telemetrySettings } from "./Settings.js"

const read = (variables: Record<string, string>) =>
  Effect.withConfigProvider(telemetrySettings, ConfigProvider.fromMap(new Map(Object.entries(variables))))

const ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
const HEADERS = "OTEL_EXPORTER_OTLP_HEADERS"

describe("the variables of OpenTelemetry", () => {
  it.effect("ask for nothing where there is no endpoint", () =>
    Effect.gen(function* () {
      for (const variables of [{}, { [ENDPOINT]: "" }, { [ENDPOINT]: "  " }, { OTEL_SERVICE_NAME: "x" }]) {
        assert.deepEqual(yield* read(variables), Option.none())
      }
    })
  )

  it.effect("have defaults, and are read as their specification says", () =>
    Effect.gen(function* () {
      const settings = (variables: Record<string, string>) =>
        Effect.map(read({ [ENDPOINT]: "http://collector:4318/", ...variables }), Option.getOrThrow)
      assert.deepEqual(yield* settings({}), {
        endpoint: "http://collector:4318",
        headers: {},
        serviceName: "bot-analytics-api",
        protocol: "http/json"
      })
      const { headers, protocol, serviceName } = yield* settings({
        [HEADERS]: "X-Api-Key=a%20key, other = b==,",
        OTEL_SERVICE_NAME: "dashboard",
        OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf"
      })
      assert.deepEqual(
        Object.entries(headers).map(([name, value]) => [name, Redacted.value(value)]),
        [
          ["x-api-key", "a key"],
          ["other", "b=="]
        ]
      )
      assert.deepEqual([serviceName, protocol], ["dashboard", "http/protobuf"])
      assert.strictEqual(
        (yield* settings({ [ENDPOINT]: "https://x.example/otlp/" })).endpoint,
        "https://x.example/otlp"
      )
    })
  )

  it.effect("that are wrong are named, and their values kept to themselves", () =>
    Effect.gen(function* () {
      for (const [name, value] of [
        [ENDPOINT, "localhost:4318"],
        [ENDPOINT, "grpc://s3cret:4317"],
        [ENDPOINT, "http://user:s3cret@host:4318"],
        [ENDPOINT, "http://host:4318/?key=s3cret"],
        [HEADERS, "s3cret"],
        [HEADERS, "x-api-key="],
        [HEADERS, "x-api-key=%zz"],
        [HEADERS, "x-api-key=s3cret%0d%0ax: y"],
        [HEADERS, "a key=s3cret"],
        ["OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"]
      ] as const) {
        const error = yield* Effect.flip(read({ [ENDPOINT]: "http://localhost:4318", [name]: value }))
        const lines = explain(error)
        assert.lengthOf(lines, 1, value)
        assert.isTrue(lines[0]?.startsWith(`${name} must be `), lines[0])
        assert.notInclude(lines[0], "s3cret")
      }
    })
  )
})
