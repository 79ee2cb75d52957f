import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import { type Gap, Gaps } from "../../Database/Gaps.js"
import { withLock } from "../Store/Lock.js"
import { createTriggers } from "../Store/Triggers.js"
import { inspect } from "./Inspect.js"

/**
 * Whether facts can be kept in this database. Makes the triggers that are missing where all else is there, and where
 * `mayCreate`: at first, and again where somebody took them away, as a restored dump or a swapped table does. Gives what
 * it could not make.
 */
export const setUp = (mayCreate: boolean) =>
  Effect.gen(function* () {
    const found = yield* inspect
    if (found._tag !== "NoTriggers" || !mayCreate) return { found, gaps: [] as ReadonlyArray<Gap> }
    const gaps = yield* Ref.make<ReadonlyArray<Gap>>([])
    // Under the lock, since another process may be about to make them too.
    yield* withLock(Effect.provideService(createTriggers, Gaps, gaps), 5)
    return { found: yield* inspect, gaps: yield* Ref.get(gaps) }
  })
