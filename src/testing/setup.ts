import { effect, flakyTest, it, layer, live, prop, scoped, scopedLive } from "@effect/vitest"

/**
 * Runs before each test file. `layer` of @effect/vitest puts its own `effect` and `scoped` into the one `it` that all files
 * of a process share, and leaves them there: the next file's tests would run with the layer of this one, without TestClock.
 */
Object.assign(it, { effect, flakyTest, layer, live, prop, scoped, scopedLive })
