import type { SqlError } from "@effect/sql/SqlError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import { commandLine } from "../Config/CommandLine.js"
import { errorNumber, isDenied, reasonOf } from "./Failure.js"

/**
 * The bots own their tables. Our account may not be allowed to change one, a bot may hold a lock on it, or the server may
 * refuse. That is no failure: the service reads what is there. What it would have changed is noted as a gap, with the
 * statement for somebody who may run it.
 */
export interface Gap {
  readonly table: string
  readonly statement: string
  readonly cost: string
  readonly reason: "no right" | "locked" | "refused"
  /** What the server said. */
  readonly detail: string
}

export class Gaps extends Context.Tag("app/Database/Gaps")<Gaps, Ref.Ref<ReadonlyArray<Gap>>>() {}

/** ER_LOCK_WAIT_TIMEOUT, ER_LOCK_DEADLOCK. */
const LOCKED = new Set([1205, 1213])

const reason = (error: SqlError, number: number): Gap["reason"] =>
  isDenied(error) ? "no right" : LOCKED.has(number) ? "locked" : "refused"

interface Change {
  readonly table: string
  readonly statement: string
  readonly cost: string
}

/** Makes a change to a bots' table, or notes the gap. A connection that is lost stays a failure. */
export const orGap = <R>(self: Effect.Effect<unknown, SqlError, R>, change: Change) =>
  Effect.gen(function* () {
    const gaps = yield* Gaps
    const note = (gap: Gap) => Ref.update(gaps, (list): ReadonlyArray<Gap> => [...list, gap])
    // The table stays locked for the next change too, and the bots' statements queue behind each attempt.
    const held = (yield* Ref.get(gaps)).find(({ reason, table }) => reason === "locked" && table === change.table)
    if (held !== undefined) return yield* note({ ...change, reason: held.reason, detail: held.detail })
    yield* Effect.catchAll(Effect.asVoid(self), (error) => {
      const number = errorNumber(error)
      return number === undefined
        ? Effect.fail(error)
        : note({ ...change, reason: reason(error, number), detail: reasonOf(error) })
    })
  })

const WHY: Record<Gap["reason"], string> = {
  "no right": "may not be changed by this account",
  locked: "is locked by another session; the next start tries again",
  refused: "could not be changed; the next start tries again"
}

const isOurs = (table: string): boolean => table.startsWith("bot_analytics_")

/** What is missing, what that costs, and what to do about it, for whoever runs the service. */
export const explainGap = ({ cost, detail, reason, statement, table }: Gap): string =>
  `${isOurs(table) ? "The service's own table" : "The bots' table"} ${table} ${WHY[reason]} (${detail}): ${cost}. To mend it, run: ${statement};`

const HOW: Record<Gap["reason"], string> = {
  "no right": "this account has no right to",
  locked: "a table was locked",
  refused: "the server refused"
}

/** All of them in one line, since an account with the least rights has them at each start. */
export const explainGaps = (gaps: ReadonlyArray<Gap>): string => {
  const counts = Object.entries(HOW).flatMap(([reason, words]) => {
    const { length } = gaps.filter((gap) => gap.reason === reason)
    return length === 0 ? [] : [`${length} ${words}`]
  })
  const what = gaps.length === 1 ? "1 change of the database was" : `${gaps.length} changes of the database were`
  return `${what} not made (${counts.join(", ")}). The service answers all the same: more slowly, and with null for a column that is missing. The SQL for an administrator: ${commandLine("migrate", "--print")}`
}
