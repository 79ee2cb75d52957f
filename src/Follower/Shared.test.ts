import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Shared from "./Shared.js"

/** A question that is answered when the test says so. */
const gated = Effect.gen(function* () {
  const put: Array<(answer: Effect.Effect<string, string>) => void> = []
  const ask = yield* Shared.make(Effect.async<string, string>((resume) => void put.push(resume)))
  const come = Effect.zipLeft(Effect.fork(ask), Effect.repeatN(Effect.yieldNow(), 20))
  const answer = (i: number, with_: Effect.Effect<string, string>) =>
    Effect.zipRight(
      Effect.sync(() => put[i]?.(with_)),
      Effect.repeatN(Effect.yieldNow(), 20)
    )
  return { come, answer, asked: () => put.length }
})

describe("a shared question", () => {
  it.scoped("is put once for all who wait, and anew for whoever came after it was put", () =>
    Effect.gen(function* () {
      const { answer, asked, come } = yield* gated
      const first = yield* come
      const later = [yield* come, yield* come, yield* come]
      assert.strictEqual(asked(), 1)
      yield* answer(0, Effect.succeed("a"))
      assert.strictEqual(yield* first, "a")
      assert.strictEqual(asked(), 2)
      yield* answer(1, Effect.succeed("b"))
      assert.deepStrictEqual(yield* Effect.forEach(later, Fiber.join), ["b", "b", "b"])
      const last = yield* come
      yield* answer(2, Effect.succeed("c"))
      assert.strictEqual(yield* last, "c")
    })
  )

  it.scoped("is answered though who asked first gave up; a failure is that of one question", () =>
    Effect.gen(function* () {
      const { answer, come } = yield* gated
      const [first, second] = [yield* come, yield* come]
      yield* Fiber.interrupt(first)
      yield* answer(0, Effect.succeed("a"))
      yield* answer(1, Effect.fail("no"))
      assert.deepStrictEqual(yield* Fiber.await(second), Exit.fail("no"))
      const third = yield* come
      yield* answer(2, Effect.succeed("c"))
      assert.strictEqual(yield* third, "c")
    })
  )
})
