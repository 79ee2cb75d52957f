import { afterAll, beforeAll } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FC from "effect/FastCheck"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { createBotTables, loadRows, type TableOptions } from "../../tools/bots/Load.js"
import type { BotData } from "../../tools/bots/Rows.js"
import { data } from "../../tools/oracle/Example.js"
import { type Answer, TestService, testService } from "./Service.js"

/** The same rows at every run, others with `FC_SEED=1234`; fast-check prints the seed of a failure. */
const seed = Number(process.env.FC_SEED ?? 20_260_131)

/** Runs the check for so many random values, one after the other; a failure is shrunk. */
export const forAll = <A>(arbitrary: FC.Arbitrary<A>, numRuns: number, check: (value: A) => Promise<void>) =>
  FC.assert(FC.asyncProperty(arbitrary, check), { seed, numRuns })

export interface BotsOptions extends TableOptions {
  /** The collation of `payments.bill_id`. Default: by code points, so that ids in any two letter cases may both be there. */
  readonly billIdCollation?: string
  /** The service's clock stands still at this time. */
  readonly now?: Date
}

/** A clock that stands still, in which waiting takes its time all the same. */
const stoppedAt = (now: Date): Clock.Clock => {
  const real = Clock.make()
  return {
    [Clock.ClockTypeId]: Clock.ClockTypeId,
    unsafeCurrentTimeMillis: () => now.getTime(),
    currentTimeMillis: Effect.succeed(now.getTime()),
    unsafeCurrentTimeNanos: () => real.unsafeCurrentTimeNanos(),
    currentTimeNanos: real.currentTimeNanos,
    sleep: (duration) => real.sleep(duration)
  }
}

/** A service for the tests of one file, over bots' tables that can be filled anew for each case. */
export const serviceOverBots = ({ billIdCollation = "utf8mb4_bin", now, ...tables }: BotsOptions = {}) => {
  const runtime = ManagedRuntime.make(
    testService({
      prepare: async ({ connection }) => {
        await createBotTables(connection, tables)
        await connection.query(
          `ALTER TABLE payments MODIFY bill_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE ${billIdCollation} NOT NULL`
        )
      },
      ...(now === undefined ? {} : { under: Layer.setClock(stoppedAt(now)) })
    })
  )
  let service: typeof TestService.Service
  beforeAll(async () => {
    service = await runtime.runPromise(TestService)
  })
  afterAll(() => runtime.dispose())

  /** DELETE is much faster than TRUNCATE on few rows. */
  const empty = () =>
    service.database.connection.query(
      "DELETE FROM bots; DELETE FROM users; DELETE FROM payments; DELETE FROM subscriptions"
    )

  return {
    /** Puts these rows in the place of all that are there. */
    fill: async (data: BotData) => {
      await empty()
      await loadRows(service.database.connection, data)
    },
    /** The service's database, for what `fill` can't do. */
    query: (statement: string, values: ReadonlyArray<unknown> = []) =>
      service.database.connection.query(statement, [...values]),
    /** The connection that `fill` and `query` use. */
    connection: () => service.database.connection,
    /** A plain request, without credentials. */
    ask: (path: string) => service.request(path),
    /** GET with these parameters as a Telegram user. */
    get: (path: string, parameters: Parameters, userId: number): Promise<Answer> =>
      service.get(`${path}${queryOf(parameters)}`, userId)
  }
}

export type Parameters = Readonly<Record<string, string | number | undefined>>

const queryOf = (parameters: Parameters): string => {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) query.set(name, String(value))
  return query.size === 0 ? "" : `?${query}`
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
