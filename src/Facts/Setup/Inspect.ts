import { createHash } from "node:crypto"
import * as Effect from "effect/Effect"
import { tablesExist } from "../Store/Tables.js"
import * as Triggers from "../Store/Triggers.js"
import { obstacles } from "./Fit.js"

type Inspection =
  | { readonly _tag: "Fit"; readonly signature: string }
  /** All is well, but for the triggers. */
  | { readonly _tag: "NoTriggers" }
  | { readonly _tag: "Unfit"; readonly reasons: ReadonlyArray<string> }

/** The signature of the triggers that are there now; undefined where one is missing. */
export const signature = Effect.map(Triggers.signature, (text) =>
  text === undefined ? undefined : createHash("sha256").update(text).digest("hex")
)

/** Whether facts can be kept in this database as it is now. */
export const inspect = Effect.gen(function* () {
  const reasons = (yield* tablesExist) ? yield* obstacles : ["the service's own tables for them are missing"]
  if (reasons.length > 0) return { _tag: "Unfit", reasons } satisfies Inspection
  const found = yield* signature
  return found === undefined
    ? ({ _tag: "NoTriggers" } satisfies Inspection)
    : ({ _tag: "Fit", signature: found } satisfies Inspection)
})

/** Why there are no facts, for the log. */
export const reasonsOf = (inspection: Exclude<Inspection, { readonly _tag: "Fit" }>): ReadonlyArray<string> =>
  inspection._tag === "Unfit"
    ? inspection.reasons
    : ["the triggers on the bots' tables are not all there, or the account has no right TRIGGER and does not see them"]
