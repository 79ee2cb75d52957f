import { it, makeMethods } from "@effect/vitest"

/**
 * Runs before each file. `layer()` of @effect/vitest puts its own `effect` and `scoped` on the one `it` that there is, and
 * with `isolate: false` they would stay there for the next file: this gives `it` its own methods back.
 */
makeMethods(it)

/**
 * A worker whose vitest has ended runs on by itself, and spins. Where vitest is gone, nobody waits for its tests. Vitest
 * forbids `process.exit` in a worker.
 */
function endWithVitest() {
  process.kill(process.pid, "SIGKILL")
}
const isSet = process.listeners("disconnect").some(({ name }) => name === endWithVitest.name)
if (!isSet) process.once("disconnect", endWithVitest)
