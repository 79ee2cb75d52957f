import type mysql from "mysql2/promise"
import { assert, beforeAll, describe, it } from "vitest"
import { contents } from "../src/testing/Database.js"
import type { AbsentColumns } from "../tools/bots/Load.js"
import { type Database, startDatabase } from "./support/Database.js"
import { questions, rehearse, rows, smallRows } from "./support/Questions.js"
import { report } from "./support/Report.js"
import { startService } from "./support/ServiceProcess.js"
import { makeStage } from "./support/Stage.js"
import { until } from "./support/Wait.js"

/** Migrations that meet another instance, or are cut short. */

/** An older bot's tables: they lack these, and every index but the primary keys. */
const OLD: AbsentColumns = { without: ["users.invited", "payments.provider", "subscriptions.sub_url"] }

const stage = makeStage()
let database: Database

beforeAll(async () => {
  database = await stage.forAll(startDatabase("migration"))
})

const recordsOf = async (root: Awaited<ReturnType<Database["root"]>>) => {
  const [found] = await root.query<Array<mysql.RowDataPacket & { readonly id: number; readonly complete: number }>>(
    "SELECT id, complete FROM bot_analytics_migrations ORDER BY id"
  )
  return found
}

describe("two instances at once", () => {
  it.each([
    ["a fresh database", "fresh", undefined],
    ["an adopted database", "adopted", smallRows]
  ] as const)("migrate %s once", async (what, name, data) => {
    const url = await database.create(name, data, OLD)
    const services = await Promise.all([stage.forTest(startService(url)), stage.forTest(startService(url))])
    const took = await Promise.all(services.map((service) => service.untilReady(30_000)))
    if (data !== undefined) {
      const reads = Object.values(questions(data))
      for (const service of services) await rehearse(service.url, reads)
    }
    const lines = services.flatMap((service) => service.log())
    const migrated = lines.filter(({ message }) => message.startsWith("Migrated the database"))
    const records = await recordsOf(await database.root(name))
    report({
      fault: `two instances start on ${what}`,
      wrong: 0,
      connections: (await database.sessions()).length,
      note: `both ready within ${Math.round(Math.max(...took))} ms; migrated ${migrated.length} time; ${records.length} migrations recorded`
    })
    assert.lengthOf(migrated, 1)
    assert.isAtLeast(records.length, 4)
    assert.isTrue(records.every(({ complete }) => complete === 1))
    const warnings = lines.filter(({ level }) => /ERROR|WARN|FATAL|TEXT/.test(level))
    // Who has made all of the bots' tables says so.
    const made = warnings.filter(
      ({ level, message }) => level === "WARN" && /had none of the bots' tables/.test(message)
    )
    assert.lengthOf(made, data === undefined ? 1 : 0)
    assert.deepStrictEqual(warnings, made)
  })
})

describe("kill -9 of the service in the middle of a migration", () => {
  it("loses no row of 100,000, and the next start goes on", async () => {
    const many = rows(0.65)
    const count = many.bots.length + many.users.length + many.payments.length + many.subscriptions.length
    const url = await database.create("big", many, OLD)
    const root = await database.root("big")
    const { checksum } = await contents(root)
    const before = await checksum()

    // One moment after the other on the same database: each start goes on where the last one was killed.
    const moments = [/ADD COLUMN/, /users_bot_reg/, /payments_bot_date/, /payments_bot_user/, /subscriptions_bot_user/]
    const caught: Array<string> = []
    // A column comes in no time: the first one waits until a bot has ended its transaction.
    const bot = await database.root("big")
    await bot.query("BEGIN; SELECT uid FROM users LIMIT 1")
    for (const moment of moments) {
      const service = await stage.forTest(startService(url, { QUERY_TIMEOUT: "10 seconds" }))
      let found = false
      await until(
        "the migration has come so far",
        async () => {
          found = (await database.statements()).some(({ statement }) => moment.test(statement ?? ""))
          return found || (await service.statusOf("/readyz")) === 200
        },
        30_000,
        1
      )
      service.kill("SIGKILL")
      await service.exited(5_000)
      await bot.query("COMMIT")
      if (found) caught.push(moment.source)
    }

    const last = await stage.forTest(startService(url, { QUERY_TIMEOUT: "10 seconds" }))
    const ready = await last.untilReady(60_000)
    await rehearse(last.url, Object.values(questions(many)))
    const same = (await checksum()) === before
    const records = await recordsOf(root)
    const [indexes] = await root.query<Array<mysql.RowDataPacket>>(
      `SELECT DISTINCT index_name AS name FROM information_schema.statistics
       WHERE table_schema = 'big' AND index_name RLIKE '^(bots|users|payments|subscriptions)_'`
    )
    report({
      fault: `kill -9 in the middle of migrating ${count} rows`,
      requests: 7,
      wrong: 0,
      connections: await database.settled(4),
      note: `killed at ${caught.length} moments (${caught.join(", ")}); rows lost ${same ? 0 : "SOME"}; the last start was ready after ${Math.round(ready)} ms; indexes ${indexes.length}`
    })
    assert.isAtLeast(count, 100_000)
    assert.isAtLeast(caught.length, 2)
    assert.isTrue(same)
    assert.isTrue(records.length >= 4 && records.every(({ complete }) => complete === 1))
    assert.isAtLeast(indexes.length, 6)
    assert.isEmpty(last.log().filter(({ level }) => /ERROR|WARN|FATAL|TEXT/.test(level)))
  }, 120_000)
})
