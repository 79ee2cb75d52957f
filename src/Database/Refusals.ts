import type { SqlError } from "@effect/sql/SqlError"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import { explainLimit, reasonOf } from "./Failure.js"

/** A limit that every statement meets would fill the log. */
const REMIND_EVERY_MILLIS = 60_000

/** Says in the log what the server refuses, and what to set: one for all pools of the process. */
export class Refusals extends Context.Tag("Refusals")<
  Refusals,
  {
    /** Says which limit was reached, if it was one: each once a minute. */
    readonly refused: (error: SqlError) => void
    /** Says, once, that the server has no more than so many connections for a pool of this size. */
    readonly noMore: (connections: number, poolSize: number, error: SqlError) => void
  }
>() {}

export const layer = Layer.effect(
  Refusals,
  Effect.gen(function* () {
    const fork = Runtime.runFork(yield* Effect.runtime())
    const saidAt = new Map<string, number>()
    let isNoMoreSaid = false

    /** Whoever of the pools meets the limit, and however he says it. */
    const oncePerMinute = (limit: string, line: string) =>
      Effect.gen(function* () {
        const now = yield* Clock.currentTimeMillis
        if (now - (saidAt.get(limit) ?? Number.NEGATIVE_INFINITY) < REMIND_EVERY_MILLIS) return
        saidAt.set(limit, now)
        yield* Effect.logWarning(line)
      })

    return {
      refused: (error) => {
        const limit = explainLimit(error)
        if (limit === undefined) return
        fork(oncePerMinute(limit, `The database refuses: ${limit}. It says: ${reasonOf(error)}`))
      },
      noMore: (connections, poolSize, error) => {
        if (isNoMoreSaid) return
        isNoMoreSaid = true
        const line = `The database has ${connections} connections for us at the moment, where DATABASE_POOL_SIZE is ${poolSize}; requests wait for one of those. It says: ${reasonOf(error)}`
        fork(oncePerMinute(explainLimit(error) ?? "connections", line))
      }
    }
  })
)
