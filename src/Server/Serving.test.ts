import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { capturedLog } from "../testing/CapturedLog.js"
import { fetchJson, type TestResponse } from "../testing/Service.js"
import { empty, json, text } from "./Answer.js"
import { type App, makeHandler } from "./Serving.js"

const ask = async (
  app: App,
  init?: RequestInit
): Promise<{ answer: TestResponse; log: ReturnType<typeof capturedLog> }> => {
  const log = capturedLog()
  const server = createServer(Effect.runSync(Effect.provide(makeHandler(app), log.layer)))
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  try {
    const { port } = server.address() as AddressInfo
    return { answer: await fetchJson(`http://127.0.0.1:${port}/some/path?x=1#y`, init), log }
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

describe("an app that is served", () => {
  it("sends text, its length in bytes, and headers; HEAD the same without the text", async () => {
    for (const given of [
      text("text/plain", "Привет"),
      json('{"a":1}', 201, ["x-some", "header"]),
      empty(["x-some", "h"])
    ]) {
      const { answer } = await ask(() => Effect.succeed(given))
      assert.strictEqual(answer.status, given.status)
      assert.strictEqual(answer.text, given.body ?? "")
      for (let i = 0; i < given.headers.length; i += 2) {
        assert.strictEqual(answer.headers.get(given.headers[i] ?? ""), given.headers[i + 1])
      }
      const length = given.body === undefined ? null : String(Buffer.byteLength(given.body))
      assert.strictEqual(answer.headers.get("content-length"), length)
      const head = await ask(() => Effect.succeed(given), { method: "HEAD" })
      assert.strictEqual(head.answer.text, "")
      assert.strictEqual(head.answer.headers.get("content-length"), length)
    }
  })

  it("sees the request's parts", async () => {
    const { answer } = await ask(
      ({ headers, method, path, route, search }) =>
        Effect.succeed(json(JSON.stringify({ method, path, search, route: route?.template, some: headers["x-some"] }))),
      { method: "DELETE", headers: { "X-Some": "header" } }
    )
    assert.deepStrictEqual(answer.json, { method: "DELETE", path: "/some/path", search: "x=1", some: "header" })
  })

  it("that breaks is a 500 in our form, with one line in the log under the request's id", async () => {
    const broken: ReadonlyArray<App> = [
      () => Effect.die(new Error("secret words")),
      () => {
        throw new Error("secret words")
      },
      () => Effect.succeed(json("{}", 200, ["x-bad", "line\nend"]))
    ]
    for (const app of broken) {
      const { answer, log } = await ask(app)
      assert.strictEqual(answer.status, 500)
      assert.strictEqual(answer.json._tag, "InternalError")
      assert.notInclude(answer.text, "secret")
      const errors = log.lines.filter(({ level }) => level === "ERROR")
      assert.lengthOf(errors, 1)
      assert.strictEqual(errors[0]?.request_id, answer.headers.get("x-request-id"))
    }
  })
})
