import * as Effect from "effect/Effect"
import * as FC from "effect/FastCheck"
import * as Runtime from "effect/Runtime"

/** The same values at every run, others with `FC_SEED=1234`. A failure is shrunk, and fast-check prints its seed. */
const seed = Number(process.env.FC_SEED ?? 20_260_131)

/** Options for `it.prop` and `it.effect.prop`: so many random values. */
export const runs = (numRuns: number) => ({ fastCheck: { seed, numRuns } })

/** A law in the middle of a test, which looks at something before and after all of its values. */
export const forAll = <A, E, R>(
  arbitrary: FC.Arbitrary<A>,
  numRuns: number,
  check: (value: A) => Effect.Effect<void, E, R>
): Effect.Effect<void, never, R> =>
  Effect.flatMap(Effect.runtime<R>(), (runtime) => {
    const run = Runtime.runPromise(runtime)
    return Effect.promise(() =>
      FC.assert(
        FC.asyncProperty(arbitrary, (value) => run(check(value))),
        runs(numRuns).fastCheck
      )
    )
  })
