import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { keepRootsInArray } from "./FiberRoots.js"

const roots = () => new Set(Effect.runSync(Effect.map(Fiber.roots, (fibers) => [...fibers])))

it("fibers that run are known, and those that ended are not, as without it", async () => {
  const before = Effect.runFork(Effect.never)
  assert.isTrue(Effect.runSync(keepRootsInArray), "Effect keeps its fibers in another way by now")
  assert.isTrue(Effect.runSync(keepRootsInArray))
  const running = Array.from({ length: 5 }, () => Effect.runFork(Effect.never))
  const ended = Effect.runFork(Effect.void)
  const isKnown = (fiber: Fiber.RuntimeFiber<void>) => roots().has(fiber)
  assert.isTrue([before, ...running].every(isKnown))
  assert.isFalse(isKnown(ended))
  const [first, second, third, ...rest] = running
  for (const fiber of [before, second, third]) if (fiber) await Effect.runPromise(Fiber.interrupt(fiber))
  assert.isFalse([before, second, third].some((fiber) => fiber && isKnown(fiber)))
  assert.isTrue([first, ...rest].every((fiber) => fiber && isKnown(fiber)))
  await Effect.runPromise(Fiber.interruptAll(running))
  assert.isFalse(running.some(isKnown))
})
