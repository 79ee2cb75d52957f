import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { affectedRows } from "../../Database/Affected.js"
import { LEASES } from "../../Database/Lease.js"
import * as Place from "../../Follower/Place.js"

/**
 * Who brings the figures up to date. It saves work, and nothing hangs on it: what is written is fenced bot by bot
 * (src/Facts/Store/Kept.ts).
 */
export const FACTS_LEASE = "facts"

/** Up to where the facts of all bots have taken in the log, beside what is kept of each. */
export const globalAnchor = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  Effect.map(
    sql<{ readonly anchor: string | null }>`SELECT anchor FROM ${sql(LEASES)} WHERE name = ${FACTS_LEASE}`,
    ([row]) => Option.flatMap(Option.fromNullable(row?.anchor), Place.parseAnchor)
  )
)

/** For whoever holds the lease by this token: false where it has been taken from him meanwhile. */
export const setGlobalAnchor = (token: string, anchor: Place.Anchor | null) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(
      affectedRows(
        sql`UPDATE ${sql(LEASES)} SET anchor = ${anchor && Place.formatAnchor(anchor)}
          WHERE name = ${FACTS_LEASE} AND token = ${token}`
      ),
      (rows) => rows === 1
    )
  )
