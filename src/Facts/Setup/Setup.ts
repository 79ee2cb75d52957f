import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import { type Gap, Gaps } from "../../Database/Gaps.js"
import { withLock } from "../Store/Lock.js"
import { createTriggers } from "../Store/Triggers.js"
import { inspect } from "./Inspect.js"

/**
 * Whether facts can be kept in this database. Where only triggers are missing and `mayCreate`, makes them: at first, and
 * again after a restored dump or a swapped table took them away. Returns what it could not make as gaps.
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
