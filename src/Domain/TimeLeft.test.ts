import { assert, it } from "@effect/vitest"
import { timeLeft } from "./TimeLeft.js"

it.each<readonly [seconds: number, share: number, text: string]>([
  [10, 0.25, ", about 30 s left"],
  [10, 0.999, ", about 1 s left"],
  [60, 0.1, ", about 9 min left"],
  [10, 0, ""],
  [10, 1, ""],
  [10, 1.5, ""],
  [0, Number.NaN, ""],
  [1, Number.POSITIVE_INFINITY, ""]
])("%s s for a share of %s%s", (seconds, share, text) => {
  assert.strictEqual(timeLeft(seconds, share), text)
})
