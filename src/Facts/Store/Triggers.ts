import * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import { orGap } from "../../Database/Gaps.js"
import { COST, MARKS } from "./Tables.js"

/**
 * Triggers on the bots' tables that note whose rows were written, in the writer's own transaction. What the writer rolls
 * back is not noted, and whoever sees the row sees the note. They only append, so no writer waits for another, or for us.
 */

/** Stands for the user of rows without one. No integer type of the databases has it. */
export const NO_USER = "-10000000000000000000"

const mark = (row: "OLD" | "NEW") =>
  `INSERT INTO ${MARKS} (bot_id, user_id) VALUES (COALESCE(${row}.bot_id, 0), COALESCE(${row}.user_id, ${NO_USER}));`

const same = (column: string) => `OLD.${column} <=> NEW.${column}`
const otherUser = `NOT (${same("bot_id")} AND ${same("user_id")})`

/** Facts do not depend on the other columns of `users`: names, balances, `meta`. */
const otherRegistration = `${otherUser} OR NOT (${same("reg_date")})`

/**
 * Without our table, writers go on writing (ER_NO_SUCH_TABLE is handled). The service sees that it is gone, and does without.
 */
const whole = (...statements: ReadonlyArray<string>) =>
  `BEGIN DECLARE CONTINUE HANDLER FOR 1146 BEGIN END; ${statements.join(" ")} END`

const EVENTS = ["INSERT", "UPDATE", "DELETE"] as const

const WATCHED = ["users", "payments", "subscriptions"] as const
export type Watched = (typeof WATCHED)[number]

const bodyOf = (table: Watched, event: (typeof EVENTS)[number]): string => {
  if (event === "INSERT") return whole(mark("NEW"))
  if (event === "DELETE") return whole(mark("OLD"))
  const changed = mark("NEW")
  return whole(
    `IF ${otherUser} THEN ${mark("OLD")} END IF;`,
    table === "users" ? `IF ${otherRegistration} THEN ${changed} END IF;` : changed
  )
}

interface Trigger {
  readonly name: string
  readonly table: Watched
  readonly statement: string
}

const triggers: ReadonlyArray<Trigger> = WATCHED.flatMap((table) =>
  EVENTS.map((event) => {
    const name = `bot_analytics_${table}_${event.toLowerCase()}`
    return {
      name,
      table,
      statement: `CREATE TRIGGER ${name} AFTER ${event} ON ${table} FOR EACH ROW ${bodyOf(table, event)}`
    }
  })
)

interface Found {
  readonly name: string
  readonly created: string | null
}

/** Our triggers that are there, with the time of their making. Without the right TRIGGER, none is seen. */
const found = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql<Found>`
    SELECT trigger_name AS name, CAST(created AS CHAR) AS created FROM information_schema.triggers
    WHERE trigger_schema = DATABASE() AND event_object_schema = DATABASE()
      AND trigger_name IN ${sql.in(triggers.map(({ name }) => name))} ORDER BY trigger_name`
)

/**
 * What tells this set of triggers from one that was made anew, with a gap in between: facts are good under the signature
 * that they were built under. Undefined where a trigger is missing.
 */
export const signature = Effect.map(found, (rows) =>
  rows.length < triggers.length ? undefined : rows.map(({ created, name }) => `${name} ${created}`).join("\n")
)

/** Makes those that are missing, where the account may. */
export const createTriggers = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const there = new Set((yield* found).map(({ name }) => name))
  for (const { name, statement, table } of triggers) {
    // Constant texts of ours, that prepared statements can't hold.
    if (!there.has(name)) yield* orGap(sql.unsafe(statement).unprepared, { table, statement, cost: COST })
  }
})

/** Takes them all away. */
export const dropTriggers = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  for (const { name } of triggers) yield* sql.unsafe(`DROP TRIGGER IF EXISTS ${name}`).unprepared
})
