import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import { run, tableExists } from "../../Database/Ddl.js"
import { type Gap, Gaps, orGap } from "../../Database/Gaps.js"

/** What earlier versions had on the bots' tables, which told them whose rows had changed. */

export const OLD_MARKS = "bot_analytics_marks"
const OLD_TABLES = [OLD_MARKS, "bot_analytics_bots"]

const WATCHED = ["users", "payments", "subscriptions"]
const EVENTS = ["insert", "update", "delete"]

/** What takes all of it away, for whoever may. */
export const REMEDY = [
  ...WATCHED.flatMap((table) => EVENTS.map((event) => `DROP TRIGGER IF EXISTS bot_analytics_${table}_${event};`)),
  ...OLD_TABLES.map((table) => `DROP TABLE IF EXISTS ${table};`)
].join("\n")

const COST = "with it, whoever writes the table is in danger: his write fails where the trigger's maker loses a right"

const dropTriggers = Effect.gen(function* () {
  for (const table of WATCHED) {
    for (const event of EVENTS) {
      const statement = `DROP TRIGGER IF EXISTS bot_analytics_${table}_${event}`
      yield* orGap(run(statement), { table, statement, cost: COST })
    }
  }
})

/**
 * Takes the triggers away, and then what they wrote to. Without the right to see triggers, the table of marks tells that
 * they may be there.
 */
export const removeOldTriggers = Effect.gen(function* () {
  if (!(yield* tableExists(OLD_MARKS))) return
  const gaps = yield* Gaps
  const before = (yield* Ref.get(gaps)).length
  yield* dropTriggers
  const areLeft = (yield* Ref.get(gaps)).length > before
  for (const table of OLD_TABLES) {
    const change = { table, statement: `DROP TABLE IF EXISTS ${table}`, cost: "it is of no use any more" }
    if (!areLeft) yield* orGap(run(change.statement), change)
    else {
      // Without it, each write of the bots would meet an error that the triggers catch.
      const gap: Gap = { ...change, reason: "refused", detail: "the triggers write to it" }
      yield* Ref.update(gaps, (list) => [...list, gap])
    }
  }
})
