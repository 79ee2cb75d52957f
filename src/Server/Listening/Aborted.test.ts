import { connect } from "node:net"
import * as HttpServer from "@effect/platform/HttpServer"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Draining } from "../../System/Draining.js"
import { until } from "../../testing/Database.js"
import * as Listening from "./Listening.js"

/** More than the buffers of both sides hold. */
const BODY = "x".repeat(20_000_000)
const REQUEST = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

/** Asks so often on one connection, reads nothing but what comes first, and hangs up. */
const askAndGo = (port: number, times: number) =>
  new Promise<void>((resolve) => {
    const socket = connect(port, "127.0.0.1")
    socket.on("error", () => {})
    socket.write(REQUEST.repeat(times))
    socket.once("data", () => socket.pause())
    setTimeout(() => socket.destroy(), 100)
    socket.on("close", () => resolve())
  })

for (const [name, times, workMillis] of [
  ["a response of which a part was read", 1, 0],
  ["responses that wait behind it on the same connection", 5, 0],
  ["a response that was still being made", 1, 300]
] as const) {
  it.scopedLive(`a client that goes away ends ${name}`, () =>
    Effect.gen(function* () {
      let begun = 0
      let ended = 0
      const app = Effect.acquireRelease(
        Effect.sync(() => void begun++),
        () => Effect.sync(() => void ended++)
      ).pipe(
        Effect.zipRight(Effect.uninterruptible(Effect.sleep(workMillis))),
        Effect.as(HttpServerResponse.raw(BODY, { contentLength: BODY.length }))
      )
      const context = yield* Layer.build(Layer.merge(Listening.layer({ host: "127.0.0.1", port: 0 }), Draining.Default))
      yield* Effect.provide(Listening.serve(app), context)
      const { address } = yield* Effect.provide(HttpServer.HttpServer, context)
      const port = address._tag === "TcpAddress" ? address.port : assert.fail()
      yield* Effect.promise(async () => {
        for (let i = 0; i < 5; i++) await askAndGo(port, times)
        await until(async () => begun === 5 * times && ended === begun, 5_000).catch(() => {})
      })
      assert.deepStrictEqual([begun, ended], [5 * times, 5 * times])
    })
  )
}
