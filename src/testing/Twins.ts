import * as Effect from "effect/Effect"
import type { BotData } from "../../tools/bots/Rows.js"
import { fill } from "./Bots.js"
import { query } from "./Client.js"

/**
 * Fills the tables where `bill_id` has a collation to which different texts are the same. Of such bills the database keeps
 * one. Returns the rows that are there.
 */
export const fillWithoutTwins = Effect.fnUntraced(function* (data: BotData) {
  yield* fill({ ...data, payments: [] })
  for (const row of data.payments) {
    const values = Object.values({ ...row, date: row.date.toISOString().slice(0, 19).replace("T", " ") })
    yield* query(`INSERT IGNORE INTO payments (${Object.keys(row).join(", ")}) VALUES (?)`, [values])
  }
  const kept = yield* query("SELECT bill_id FROM payments")
  const ids = new Set(kept.map((row) => row.bill_id))
  const there: BotData = { ...data, payments: data.payments.filter((row) => ids.has(row.bill_id)) }
  return there
})
