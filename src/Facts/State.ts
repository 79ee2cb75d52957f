import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Ref from "effect/Ref"
import type { BotId } from "../Domain/Ids.js"

/** Whether this database has facts, as last seen. */
export type State =
  /** Not yet, or not here: every figure is worked out from the bots' rows. */
  | { readonly _tag: "Direct"; readonly reasons: ReadonlyArray<string> }
  /** Bots whose facts were built under this signature of the triggers are answered from them. */
  | { readonly _tag: "Facts"; readonly signature: string; readonly unbuilt: number }

/** Where figures came from: facts, facts and the rows of some users that were written since, or all rows. */
export const SOURCES = ["facts", "facts_and_marks", "rows"] as const
export type Source = (typeof SOURCES)[number]

export const starting: State = { _tag: "Direct", reasons: ["the service is starting"] }

export class FactsState extends Context.Tag("app/Facts/State")<
  FactsState,
  {
    readonly get: Effect.Effect<State>
    readonly set: (state: State) => Effect.Effect<void>
    /** How often figures were asked for, by where the answer came from. */
    readonly answers: Record<Source, number>
    /** Has a bot's facts built anew: a read found that its rows changed without a mark. */
    readonly doubt: (botId: BotId) => Effect.Effect<void>
    readonly inDoubt: Effect.Effect<boolean>
    /** Takes the bots that are in doubt. */
    readonly takeDoubts: Effect.Effect<ReadonlyArray<BotId>>
    /** Tells the keeper that there is something to do. */
    readonly wake: Effect.Effect<void>
    /** Waits for that. */
    readonly woken: Effect.Effect<void>
  }
>() {
  static readonly layer = Layer.effect(
    FactsState,
    Effect.gen(function* () {
      const state = yield* Ref.make<State>(starting)
      const doubts = yield* Ref.make<ReadonlySet<BotId>>(new Set())
      const calls = yield* Queue.sliding<void>(1)
      return FactsState.of({
        get: Ref.get(state),
        set: (next) => Ref.set(state, next),
        answers: { facts: 0, facts_and_marks: 0, rows: 0 },
        doubt: (botId) => Ref.update(doubts, (known) => new Set(known).add(botId)),
        inDoubt: Effect.map(Ref.get(doubts), ({ size }) => size > 0),
        takeDoubts: Effect.map(Ref.getAndSet(doubts, new Set()), (found) => [...found]),
        wake: Effect.asVoid(Queue.offer(calls, undefined)),
        woken: Queue.take(calls)
      })
    })
  )
}

/** How figures are answered, in one word, for operators. */
export const wordOf = (state: State): "facts" | "building" | "direct" =>
  state._tag === "Direct" ? "direct" : state.unbuilt > 0 ? "building" : "facts"
