import * as SqlClient from "@effect/sql/SqlClient"
import type { SqlError } from "@effect/sql/SqlError"
import type { Fragment } from "@effect/sql/Statement"
import * as Effect from "effect/Effect"
import { speaksOfTables } from "../../Database/Failure.js"
import type { BotId } from "../../Domain/Ids.js"
import { AUDITS } from "./Tables.js"

/** What is held against the bot's rows: its figures over all time, and what is kept of each user. */
export const KINDS = ["totals", "users"] as const
export type Kind = (typeof KINDS)[number]

/** How far the audit of a bot is, and what it has found: a row of `bot_analytics_audits`. */
export interface Audit {
  /** In the audit under way, users up to this one have been looked at. */
  readonly passedTo: string | null
  /** When all users had been looked at last, in milliseconds since 1970. */
  readonly auditedAt: number | null
  /** How often there was a difference. */
  readonly found: Readonly<Record<Kind, number>>
  /** The last one, in words, and when. */
  readonly last: { readonly at: number; readonly what: string } | null
}

export const NEVER: Audit = { passedTo: null, auditedAt: null, found: { totals: 0, users: 0 }, last: null }

const LONGEST = 500

interface AuditRow {
  readonly bot_id: BotId
  readonly passed_to: string | null
  readonly audited_at: number | null
  readonly totals_found: number
  readonly users_found: number
  readonly found_at: number | null
  readonly found: string | null
}

const toAudit = (row: AuditRow): Audit => ({
  passedTo: row.passed_to,
  auditedAt: row.audited_at,
  found: { totals: row.totals_found, users: row.users_found },
  last: row.found_at === null || row.found === null ? null : { at: row.found_at, what: row.found }
})

const time = (millis: number | undefined | null) => (millis === undefined || millis === null ? null : new Date(millis))

/** Where the table is not there, or the account may not write it, audits are remembered as long as the process lives. */
export const auditRows = Effect.map(SqlClient.SqlClient, (sql) => {
  const memory = new Map<BotId, Audit>()

  const orMemory = <A, R>(self: Effect.Effect<A, SqlError, R>, instead: () => A) =>
    Effect.catchIf(self, speaksOfTables, () => Effect.sync(instead))

  const millis = (column: string) => sql`CAST(UNIX_TIMESTAMP(${sql(column)}) * 1000 AS SIGNED)`

  const read = (condition: Fragment) =>
    orMemory(
      Effect.map(
        sql<AuditRow>`
          SELECT bot_id, CAST(passed_to AS CHAR) AS passed_to, ${millis("audited_at")} AS audited_at,
            totals_found, users_found, ${millis("found_at")} AS found_at, found
          FROM ${sql(AUDITS)} WHERE ${condition}`.unprepared,
        (rows): ReadonlyMap<BotId, Audit> => new Map(rows.map((row) => [row.bot_id, toAudit(row)]))
      ),
      () => memory
    )

  const all = read(sql`TRUE`)

  const one = (botId: BotId) => Effect.map(read(sql`bot_id = ${botId}`), (found) => found.get(botId) ?? NEVER)

  const save = (botId: BotId, { auditedAt, found, last, passedTo }: Audit) => {
    const changes = {
      passed_to: passedTo,
      audited_at: time(auditedAt),
      totals_found: found.totals,
      users_found: found.users,
      found_at: time(last?.at),
      found: last?.what.slice(0, LONGEST) ?? null
    }
    memory.set(botId, { auditedAt, found, last, passedTo })
    return orMemory(
      Effect.asVoid(
        sql`INSERT INTO ${sql(AUDITS)} ${sql.insert({ bot_id: botId, ...changes })}
          ON DUPLICATE KEY UPDATE ${sql.literal(
            Object.keys(changes)
              .map((name) => `${name} = VALUES(${name})`)
              .join(", ")
          )}`
      ),
      () => undefined
    )
  }

  return { all, one, save } as const
})
