import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Ref from "effect/Ref"
import type { Obstacle } from "../Follower/Suitability.js"
import type { Followed } from "./Setup/Followed.js"
import type { Kind } from "./Store/Audits.js"

/** Something that is not as it should be, and what an administrator pastes to mend it. */
export interface Reason {
  readonly reason: string
  readonly remedy?: string | undefined
  readonly kind?: Obstacle["kind"]
}

/** Whether this database has facts, as last seen. */
export type State =
  /** Not yet, or not here: every figure is worked out from the bots' rows. */
  | { readonly _tag: "Rows"; readonly reasons: ReadonlyArray<Reason> }
  /** The log is followed: bots whose facts are built are answered from them. */
  | {
      readonly _tag: "Follows"
      readonly followed: Followed
      readonly unbuilt: number
      /** What is in danger all the same. */
      readonly reasons: ReadonlyArray<Reason>
    }

/** For operators: where figures come from at this moment, and why. */
export interface Report {
  readonly figures: "facts" | "building" | "rows"
  readonly reasons: ReadonlyArray<string>
  readonly remedy: string | null
}

/** Where figures came from: facts, facts and the rows of some users that were written since, or all rows. */
export const SOURCES = ["facts", "facts_and_rows", "rows"] as const
export type Source = (typeof SOURCES)[number]

export const starting: State = { _tag: "Rows", reasons: [{ reason: "the service is starting" }] }

const reportOf = (figures: Report["figures"], reasons: ReadonlyArray<Reason>): Report => {
  const remedies = reasons.flatMap(({ remedy }) => (remedy === undefined ? [] : [remedy]))
  return {
    figures,
    reasons: reasons.map(({ reason }) => reason),
    remedy: remedies.length === 0 ? null : remedies.join("\n")
  }
}

export const report = (state: State): Effect.Effect<Report> => {
  if (state._tag === "Rows") return Effect.succeed(reportOf("rows", state.reasons))
  return Effect.map(state.followed.hindrance, (reason) => {
    if (reason !== undefined) return reportOf("rows", [{ reason }, ...state.reasons])
    return reportOf(state.unbuilt > 0 ? "building" : "facts", state.reasons)
  })
}

export class FactsState extends Context.Tag("app/Facts/State")<
  FactsState,
  {
    readonly get: Effect.Effect<State>
    readonly set: (state: State) => Effect.Effect<void>
    readonly report: Effect.Effect<Report>
    /** How often figures were asked for, by where the answer came from. */
    readonly answers: Record<Source, number>
    /** How often answers waited until the log was read, and how long in all. */
    readonly waits: { count: number; seconds: number }
    /** What the audit knows of all bots, as last seen: those never audited as a whole, and the audit that is longest ago. */
    readonly audits: { never: number; oldestAt: number | undefined; readonly found: Record<Kind, number> }
    /** Tells the keeper that an answer found no facts to trust. */
    readonly wake: Effect.Effect<void>
    /** Waits for that. */
    readonly woken: Effect.Effect<void>
  }
>() {
  static readonly layer = Layer.effect(
    FactsState,
    Effect.gen(function* () {
      const state = yield* Ref.make<State>(starting)
      const calls = yield* Queue.sliding<void>(1)
      return FactsState.of({
        get: Ref.get(state),
        set: (next) => Ref.set(state, next),
        report: Effect.flatMap(Ref.get(state), report),
        answers: { facts: 0, facts_and_rows: 0, rows: 0 },
        waits: { count: 0, seconds: 0 },
        audits: { never: 0, oldestAt: undefined, found: { totals: 0, users: 0 } },
        wake: Effect.asVoid(Queue.offer(calls, undefined)),
        woken: Queue.take(calls)
      })
    })
  )
}
