import { randomUUID } from "node:crypto"
import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { affectedRows } from "./Affected.js"

/**
 * One process at a time does what two would do twice. A row rather than GET_LOCK alone, which each node of a cluster has
 * for itself.
 */

export const LEASES = "bot_analytics_leases"

const WORD = "VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL"
/** A place in the server's log: so long a name of a log's file, with its number, as either server takes. */
export const ANCHOR = "VARCHAR(700) CHARACTER SET ascii COLLATE ascii_bin NULL"

/** Only the lease on facts has an anchor: up to where the facts of all bots have taken in the log. */
export const LEASE_COLUMNS = `name ${WORD} PRIMARY KEY, owner ${WORD}, until DATETIME(3) NOT NULL, token ${WORD}, anchor ${ANCHOR}`

/** Past that without a word the holder is taken for dead. */
export const LEASE_SECONDS = 10

/** Of the process. */
const instance = randomUUID()

export interface Lease {
  /** Takes the lease, or keeps it: the token of this write, which the log shows too. None where another process has it. */
  readonly take: Effect.Effect<Option.Option<string>, SqlError>
  readonly release: Effect.Effect<void, SqlError>
}

export interface LeaseOptions {
  /**
   * Whoever takes it has a lock of its server besides. So a holder on the same server is dead, and is not waited for.
   */
  readonly isLocked?: boolean
}

export const lease = (
  name: string,
  { isLocked = false }: LeaseOptions = {}
): Effect.Effect<Lease, never, SqlClient.SqlClient> =>
  Effect.map(SqlClient.SqlClient, (sql) => {
    const until = sql`UTC_TIMESTAMP(3) + INTERVAL ${sql.literal(String(LEASE_SECONDS))} SECOND`
    const server = sql`LEFT(SHA2(CONCAT(@@hostname, ':', @@port), 256), 16)`
    const owner = sql`CONCAT(${server}, ' ', ${instance})`
    const isDead = isLocked ? sql`OR LEFT(owner, 16) = ${server}` : sql.literal("")

    const renew = Effect.gen(function* () {
      const token = randomUUID()
      const rows = yield* affectedRows(
        sql`UPDATE ${sql(LEASES)} SET owner = ${owner}, until = ${until}, token = ${token}
          WHERE name = ${name} AND (owner = ${owner} OR until < UTC_TIMESTAMP(3) ${isDead})`
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
