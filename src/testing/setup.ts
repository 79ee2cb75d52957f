import { it, makeMethods } from "@effect/vitest"

/**
 * Runs before each file. `layer()` of @effect/vitest puts its own `effect` and `scoped` on the one `it` that there is, and
 * with `isolate: false` they would stay there for the next file: this gives `it` its own methods back.
 */
makeMethods(it)
