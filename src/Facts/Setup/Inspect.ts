import type * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import type { DatabaseAddress } from "../../Config.js"
import { foreignAmong } from "../../Database/OwnTables.js"
import * as Suitability from "../../Follower/Suitability.js"
import type { Reason } from "../State.js"
import { COST, KEPT, missingTables, OWN_TABLES } from "../Store/Tables.js"
import { obstacles } from "./Fit.js"
import { logConnection } from "./Followed.js"

import { leftByTriggers } from "./OldTriggers.js"

import { disown } from "./Prepare.js"

const ofOwnTables = Effect.gen(function* () {
  const foreign = yield* foreignAmong(OWN_TABLES)
  const missing = yield* missingTables
  if (missing.length > 0 && !missing.some(({ table }) => table === KEPT)) yield* disown
  return [
    ...foreign.map(({ message }): Reason => ({ reason: `${message}: ${COST}` })),
    ...missing.map(
      ({ statement, table }): Reason => ({
        reason: `the service's own table ${table} is missing, or its account may not read it: ${COST}`,
        remedy: `${statement};`
      })
    )
  ]
})

/**
 * Why figures can't be kept in this database as it is now, all reasons at once: none where they can. With an address for the
 * log, it is read for a moment.
 */
export const inspect = (log?: DatabaseAddress) =>
  Effect.gen(function* () {
    const own = yield* ofOwnTables
    const tables = yield* obstacles
    const server = yield* Suitability.obstacles(log && logConnection(log))
    // Of columns src/Facts/Setup/Fit.ts demands more.
    return [...own, ...tables, ...server.filter(({ kind }) => kind !== "column")] as ReadonlyArray<Reason>
  })

/** What an earlier version left behind, and could not be taken away. */
export const dangers: Effect.Effect<ReadonlyArray<Reason>, SqlError, SqlClient.SqlClient> = Effect.gen(function* () {
  const left = yield* leftByTriggers
  if (left.length === 0) return []
  return [
    {
      reason:
        "an earlier version's triggers may still be on users, payments and subscriptions: whoever writes these tables is in danger, since his writes fail with them where their maker loses a right",
      remedy: left.map((statement) => `${statement};`).join("\n")
    }
  ]
})
