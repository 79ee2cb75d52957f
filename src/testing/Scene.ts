import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as LogLevel from "effect/LogLevel"
import type { Connection } from "mysql2/promise"
import { readRows } from "../../tools/bots/Read.js"
import { analytics } from "../../tools/oracle/Analytics.js"
import { summary } from "../../tools/oracle/Summary.js"
import { BOT, DATA, OWNER } from "./BotRows.js"
import { filledBotTables } from "./Bots.js"
import { capturedLog } from "./CapturedLog.js"
import { getAs } from "./Client.js"
import { makeDatabase, type Settings, settingsFor, startService, type TestDatabase, TestService } from "./Service.js"

/** A few rows of two bots, services over them, and whether their figures are right. */

/** A database with the bots' tables and rows, after this change to it. */
export const makeBots = (change = "DO 0") =>
  Effect.tap(makeDatabase, (database) =>
    Effect.promise(async () => {
      await filledBotTables(DATA)(database)
      await database.connection.query(change)
    })
  )

/** Starts a service over the database, by this account and over these layers, and gives it with its log. */
export const start = Effect.fnUntraced(function* (
  database: TestDatabase,
  changes: Partial<Settings> = {},
  address = database.address,
  under: Layer.Layer<never> = Layer.empty
) {
  const log = capturedLog()
  const settings = settingsFor(address, { logLevel: LogLevel.Info, ...changes })
  const service = yield* startService(settings, Layer.merge(log.layer, under))
  yield* service.untilReady
  const running: typeof TestService.Service = { ...service, database }
  return { log, running }
})

const RANGE = { from: "2025-12-25", to: "2026-01-10" }

/** Holds the figures of the bot against the rows that are there now. */
export const assertRight = Effect.gen(function* () {
  const { database } = yield* TestService
  const rows = yield* Effect.promise(() => readRows(database.connection))
  const days = yield* getAs(OWNER, `/api/analytics?bot_id=${BOT}&start_date=${RANGE.from}&end_date=${RANGE.to}`)
  assert.deepStrictEqual(days.json, analytics(rows, BOT, RANGE.from, RANGE.to, "UTC"), days.text)
  const now = yield* getAs(OWNER, `/api/bots/${BOT}/summary`)
  assert.deepStrictEqual(now.json, summary(rows, BOT, new Date()), now.text)
})

export const insertPayment = (connection: Connection, bill: string, user = 11) =>
  Effect.promise(() =>
    connection.query(
      `INSERT INTO payments (bill_id, user_id, bot_id, amount, currency, status, date)
       VALUES (?, ?, ?, 10, 'RUB', 'PAID', '2026-01-04 12:00:00')`,
      [bill, user, BOT]
    )
  )
