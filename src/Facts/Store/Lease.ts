import { randomUUID } from "node:crypto"
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Place from "../../Follower/Place.js"
import { affectedRows } from "./Affected.js"
import { LEASES } from "./Tables.js"

/**
 * One process at a time does what two would do twice. It saves work, and nothing hangs on it: what is written is fenced bot
 * by bot (src/Facts/Store/Kept.ts). A row rather than GET_LOCK, which each node of a cluster has for itself.
 */

/** Who brings the figures up to date. */
export const FACTS_LEASE = "facts"

/** Past that without a word the holder is taken for dead. */
const SECONDS = "10"

/** Of the process. */
const owner = randomUUID()

export interface Lease {
  /** Takes the lease, or keeps it: the token of this write, which the log shows too. None where another process has it. */
  readonly take: Effect.Effect<Option.Option<string>, SqlError>
  readonly release: Effect.Effect<void, SqlError>
}

export const lease = (name: string): Effect.Effect<Lease, never, SqlClient.SqlClient> =>
  Effect.map(SqlClient.SqlClient, (sql) => {
    const until = sql`UTC_TIMESTAMP(3) + INTERVAL ${sql.literal(SECONDS)} SECOND`

    const renew = Effect.gen(function* () {
      const token = randomUUID()
      const rows = yield* affectedRows(
        sql`UPDATE ${sql(LEASES)} SET owner = ${owner}, until = ${until}, token = ${token}
          WHERE name = ${name} AND (owner = ${owner} OR until < UTC_TIMESTAMP(3))`
      )
      return rows === 1 ? Option.some(token) : Option.none()
    })

    const create = affectedRows(
      sql`INSERT IGNORE INTO ${sql(LEASES)} (name, owner, until, token) VALUES (${name}, '', '2000-01-01', '')`
    )

    return {
      take: Effect.flatMap(renew, (taken) =>
        Option.isSome(taken)
          ? Effect.succeed(taken)
          : Effect.flatMap(create, (made) => (made === 1 ? renew : Effect.succeedNone))
      ),
      release: Effect.asVoid(
        sql`UPDATE ${sql(LEASES)} SET until = '2000-01-01' WHERE name = ${name} AND owner = ${owner}`
      )
    }
  })

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
