import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/**
 * One question for all who ask it at the same moment. Nobody gets an answer to a question that was put before he came: it
 * may not have seen what he has.
 */
export const make = <A, E, R>(
  question: Effect.Effect<A, E, R>
): Effect.Effect<Effect.Effect<A, E>, never, R | Scope.Scope> =>
  Effect.gen(function* () {
    const scope = yield* Effect.scope
    const context = yield* Effect.context<R>()
    let next: Deferred.Deferred<A, E> | undefined
    let isAsking = false

    const ask = Effect.gen(function* () {
      isAsking = true
      for (let asked = next; asked !== undefined; asked = next) {
        next = undefined
        yield* Deferred.complete(asked, Effect.provide(question, context))
      }
      isAsking = false
    })

    return Effect.gen(function* () {
      next ??= yield* Deferred.make<A, E>()
      const mine = next
      // Not a part of who asks first: the others want the answer too, should he give up.
      if (!isAsking) yield* Effect.forkIn(ask, scope)
      return yield* Deferred.await(mine)
    })
  })
