import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { createBotTables, loadRows, type TableOptions } from "../../tools/bots/Load.js"
import type { BotData } from "../../tools/bots/Rows.js"
import { data } from "../../tools/oracle/Example.js"
import { type TestDatabase, TestService } from "./Service.js"

/** Bots' tables under a test's service, and what stands in them. */

export interface BotTablesOptions extends TableOptions {
  /** The collation of `payments.bill_id`. Default: by code points, so that ids in any two letter cases may both be there. */
  readonly billIdCollation?: string
}

/** Prepares a test's database with bots' tables, which `fill` can fill anew for each case. */
export const botTables =
  ({ billIdCollation = "utf8mb4_bin", ...tables }: BotTablesOptions = {}) =>
  async ({ connection }: TestDatabase): Promise<void> => {
    await createBotTables(connection, tables)
    await connection.query(
      `ALTER TABLE payments MODIFY bill_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE ${billIdCollation} NOT NULL`
    )
  }

/** Prepares a test's database with bots' tables that have these rows. */
export const filledBotTables =
  (rows: BotData) =>
  async ({ connection }: TestDatabase): Promise<void> => {
    await createBotTables(connection)
    await loadRows(connection, rows)
  }

/** Puts these rows in the place of all that are there. DELETE is much faster than TRUNCATE on few rows. */
export const fill = (rows: BotData): Effect.Effect<void, never, TestService> =>
  Effect.flatMap(TestService, ({ database: { connection } }) =>
    Effect.promise(async () => {
      await connection.query("DELETE FROM bots; DELETE FROM users; DELETE FROM payments; DELETE FROM subscriptions")
      await loadRows(connection, rows)
    })
  )

/** A clock that stands still, in which waiting takes its time all the same. */
export const stoppedAt = (now: Date): Layer.Layer<never> => {
  const real = Clock.make()
  return Layer.setClock({
    [Clock.ClockTypeId]: Clock.ClockTypeId,
    unsafeCurrentTimeMillis: () => now.getTime(),
    currentTimeMillis: Effect.succeed(now.getTime()),
    unsafeCurrentTimeNanos: () => real.unsafeCurrentTimeNanos(),
    currentTimeNanos: real.currentTimeNanos,
    sleep: (duration) => real.sleep(duration)
  })
}

/** Who owns the bot in these rows. */
export const ownerOf = (data: BotData, botId: number): number => {
  const bot = data.bots.find(({ uid }) => uid === botId)
  if (bot === undefined) throw new Error(`There is no bot ${botId} in the rows`)
  return bot.admin_id
}

/** How the API writes the instant of a DATETIME. */
export const wireTime = (date: Date | null): string | null =>
  date === null ? null : `${date.toISOString().slice(0, 19)}Z`

/** How the API writes a JSON column with this text: JSON as JSON, anything else as text. */
export const wireJson = (text: string | null): unknown => {
  if (text === null) return null
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Who owns bot 1 in `exampleOf`. */
export const OWNER = 42

/** These rows, with bot 1 that the examples' rows belong to. Its Telegram id is another bot's `uid`. */
export const exampleOf = (rows: Partial<BotData>): BotData =>
  data({
    bots: [
      {
        uid: 1,
        bot_id: 2,
        username: null,
        admin_id: OWNER,
        ref_percent: "0",
        balance: "0",
        status: "ACTIVE",
        meta: null
      }
    ],
    ...rows
  })
