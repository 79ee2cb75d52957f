import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import { run } from "../../Database/Ddl.js"
import { type Gap, Gaps, orGap } from "../../Database/Gaps.js"
import { isExactly, type OwnTable } from "../../Database/OwnTables.js"

/** What earlier versions had on the bots' tables, which told them whose rows had changed. */

const OLD_MARKS: OwnTable = { table: "bot_analytics_marks", columns: "bot_id BIGINT, id BIGINT, user_id DECIMAL(20,0)" }
const OLD_BOTS: OwnTable = {
  table: "bot_analytics_bots",
  columns: "bot_id INT, signature CHAR(64), marked_to DECIMAL(20,0), built_at DATETIME(3)"
}

/** They hold nothing that is missed, and are dropped: but not what somebody else calls so. */
export const OLD_TABLES: ReadonlyArray<OwnTable> = [OLD_MARKS, OLD_BOTS]
const oldTables = Effect.map(Effect.filter(OLD_TABLES, isExactly), (found) => found.map(({ table }) => table))

const WATCHED = ["users", "payments", "subscriptions"]
const EVENTS = ["insert", "update", "delete"]

const TRIGGERS = WATCHED.flatMap((table) => EVENTS.map((event) => ({ table, name: `bot_analytics_${table}_${event}` })))

const COST = "with it, whoever writes the table is in danger: his write fails where the trigger's maker loses a right"

const dropTrigger = (name: string) => `DROP TRIGGER IF EXISTS ${name}`
const dropTable = (table: string) => `DROP TABLE IF EXISTS ${table}`

/** Without the right to see triggers, none are seen: the table of marks tells then that they may be there. */
const mayBeThere = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const seen = yield* sql`
    SELECT 1 FROM information_schema.triggers
    WHERE trigger_schema = DATABASE() AND trigger_name IN ${sql.in(TRIGGERS.map(({ name }) => name))} LIMIT 1`
  return seen.length > 0 || (yield* isExactly(OLD_MARKS))
})

/** The statements that take away what is left of them: none where nothing is. */
export const leftByTriggers = Effect.gen(function* () {
  if (!(yield* mayBeThere)) return []
  return [...TRIGGERS.map(({ name }) => dropTrigger(name)), ...(yield* oldTables).map(dropTable)]
})

/** Takes the triggers away, and then what they wrote to: as long as one is there, writers need it. */
export const removeOldTriggers = Effect.gen(function* () {
  if (!(yield* mayBeThere)) return
  const gaps = yield* Gaps
  const before = (yield* Ref.get(gaps)).length
  for (const { name, table } of TRIGGERS) {
    const statement = dropTrigger(name)
    yield* orGap(run(statement), { table, statement, cost: COST })
  }
  const areLeft = (yield* Ref.get(gaps)).length > before
  for (const table of yield* oldTables) {
    const change = { table, statement: dropTable(table), cost: "it is of no use any more" }
    if (!areLeft) yield* orGap(run(change.statement), change)
    else {
      // Without it, each write of the bots would meet an error that the triggers catch.
      const gap: Gap = { ...change, reason: "refused", detail: "the triggers write to it" }
      yield* Ref.update(gaps, (list) => [...list, gap])
    }
  }
})
