import * as Effect from "effect/Effect"
import { globalValue } from "effect/GlobalValue"
import * as Predicate from "effect/Predicate"

/**
 * Effect keeps each fiber that nobody waits for in a Set until it ends, and each request has one. V8 rebuilds a Set as
 * things come and go, and the table that was refers to the one that is: once one of them is old, a quick garbage collection
 * keeps all that follow, with the fibers in them and all that these refer to, until there is a slow one. At a thousand
 * requests a second that came to 4 MB of garbage kept, and quick collections took 10 ms in place of 1.5: a third of all
 * processor time.
 *
 * An array leaves nothing behind. There are few at a time, and the one that ends is mostly one of the last.
 */
class Roots {
  private readonly fibers: Array<unknown>

  constructor(known: Iterable<unknown>) {
    this.fibers = [...known]
  }

  add(fiber: unknown): void {
    this.fibers.push(fiber)
  }

  delete(fiber: unknown): void {
    const at = this.fibers.lastIndexOf(fiber)
    const last = this.fibers.pop()
    if (at >= 0 && at < this.fibers.length) this.fibers[at] = last
  }

  [Symbol.iterator](): Iterator<unknown> {
    return this.fibers[Symbol.iterator]()
  }
}

/** Whether Effect was found to keep them as described; if not, all stays as it is. */
export const keepRootsInArray: Effect.Effect<boolean> = Effect.sync(() => {
  const scope: unknown = globalValue(Symbol.for("effect/FiberScope/Global"), () => undefined)
  if (!Predicate.hasProperty(scope, "roots")) return false
  if (scope.roots instanceof Set) Object.assign(scope, { roots: new Roots(scope.roots) })
  return scope.roots instanceof Roots
})
