import { SqlError } from "@effect/sql/SqlError"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import { capturedLog } from "../testing/CapturedLog.js"
import * as Refusals from "./Refusals.js"

const serverError = (errno: number) =>
  new SqlError({ message: "The statement failed", cause: { errno, message: `number ${errno}` } })

describe("what the server refuses", () => {
  it.effect("is said with what to set, each limit once a minute", () => {
    const log = capturedLog()
    return Effect.gen(function* () {
      const { refused } = yield* Refusals.Refusals
      for (const errno of [1461, 1461, 1054, 1104, 1461]) refused(serverError(errno))
      yield* Effect.yieldNow()
      assert.deepStrictEqual(
        log.messages.map((line) => /max_\w+/.exec(line)?.[0]),
        ["max_prepared_stmt_count", "max_join_size"]
      )
      yield* TestClock.adjust("61 seconds")
      refused(serverError(1461))
      yield* Effect.yieldNow()
      assert.lengthOf(log.messages, 3)
      assert.include(log.messages[2], "It says: number 1461")
    }).pipe(Effect.provide(Layer.provide(Refusals.layer, log.layer)), Effect.provide(log.layer))
  })

  it.effect("is said once, where it is connections", () => {
    const log = capturedLog()
    return Effect.gen(function* () {
      const { noMore, refused } = yield* Refusals.Refusals
      for (const connections of [7, 5, 4]) noMore(connections, 10, serverError(1226))
      refused(serverError(1226))
      yield* Effect.yieldNow()
      assert.lengthOf(log.messages, 1)
      assert.include(log.messages[0], "DATABASE_POOL_SIZE is 10")
    }).pipe(Effect.provide(Layer.provide(Refusals.layer, log.layer)), Effect.provide(log.layer))
  })
})
