import { assert, it } from "@effect/vitest"
import { RecentlyUsed } from "./RecentlyUsed.js"

it("forgets what was not used for longest, past its size", () => {
  const recent = new RecentlyUsed<string, number>(3)
  for (const [key, value] of [
    ["a", 1],
    ["b", 2],
    ["c", 3]
  ] as const)
    recent.set(key, value)
  assert.strictEqual(recent.get("a"), 1)
  recent.set("b", 20)
  recent.set("d", 4)
  assert.deepStrictEqual(
    ["a", "b", "c", "d"].map((key) => recent.get(key)),
    [1, 20, undefined, 4]
  )
  assert.strictEqual(recent.size, 3)
})

it("stays within its size, whatever comes", () => {
  const recent = new RecentlyUsed<number, number>(100)
  for (let i = 0; i < 10_000; i++) recent.set(i, i)
  assert.strictEqual(recent.size, 100)
  assert.strictEqual(recent.get(9_900), 9_900)
  assert.isUndefined(recent.get(9_899))
})
