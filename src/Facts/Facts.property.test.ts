import { assert, beforeAll, describe, it } from "@effect/vitest"
import * as FC from "effect/FastCheck"
import { readRows } from "../../tools/bots/Read.js"
import type { BotData } from "../../tools/bots/Rows.js"
import { analytics } from "../../tools/oracle/Analytics.js"
import { paymentList, subscriptionList, userList } from "../../tools/oracle/Lists.js"
import { type Scenario, scenario } from "../../tools/oracle/RandomRows.js"
import { summary } from "../../tools/oracle/Summary.js"
import { type BotsOptions, forAll, ownerOf, type Parameters, serviceOverBots } from "../testing/Bots.js"
import { sourcesOf, untilFacts } from "../testing/Facts.js"
import { checkAll } from "../testing/FactsCheck.js"

/** A write of a bot's, on whichever rows there are: `i` and `j` are taken modulo their number. */
interface Write {
  readonly table: "users" | "payments" | "subscriptions"
  readonly kind: "insert" | "replace" | "update" | "delete"
  readonly i: number
  readonly j: number
}

const KEYS = { users: "uid", payments: "bill_id", subscriptions: "uid" } as const

const write: FC.Arbitrary<Write> = FC.record({
  table: FC.constantFrom("users", "payments", "subscriptions"),
  kind: FC.constantFrom("insert", "replace", "update", "update", "delete"),
  i: FC.nat(50),
  j: FC.nat(50)
})

/** Rows to begin with, rows to take values from, and writes. */
const history = FC.tuple(
  scenario({ maxRows: 8 }).chain((first) => FC.tuple(FC.constant(first), scenario({ maxRows: 8, place: first }))),
  FC.array(write, { minLength: 1, maxLength: 8 })
)

const valuesOf = (row: object, without: ReadonlyArray<string> = []): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(row).flatMap(([name, value]) => {
      if (without.includes(name)) return []
      return [[name, value instanceof Date ? value.toISOString().slice(0, 19).replace("T", " ") : value]]
    })
  )

const pick = <A>(rows: ReadonlyArray<A>, index: number): A | undefined => rows[index % Math.max(1, rows.length)]

const databases: ReadonlyArray<readonly [string, BotsOptions]> = [
  ["meta is JSON", { metaType: "JSON" }],
  ["meta is TEXT", { metaType: "TEXT" }]
]

for (const [name, options] of databases) {
  describe(`figures while bots write, where ${name}`, () => {
    const { ask, connection, fill, get, query } = serviceOverBots(options)
    beforeAll(() => untilFacts(ask))

    const apply = async ({ i, j, kind, table }: Write, spare: BotData) => {
      const key = KEYS[table]
      const there = (await readRows(connection()))[table]
      const old = pick<object>(there, i)
      const fresh = pick<object>(spare[table], j)
      const keyOf = (row: object | undefined) => (row === undefined ? undefined : valuesOf(row)[key])
      if (kind === "delete" && old !== undefined) await query(`DELETE FROM ${table} WHERE ${key} = ?`, [keyOf(old)])
      if (kind === "update" && old !== undefined && fresh !== undefined) {
        await query(`UPDATE ${table} SET ? WHERE ${key} = ?`, [valuesOf(fresh, [key]), keyOf(old)])
      }
      if (kind === "insert" && fresh !== undefined) await query(`INSERT IGNORE INTO ${table} SET ?`, [valuesOf(fresh)])
      if (kind === "replace" && fresh !== undefined) await query(`REPLACE INTO ${table} SET ?`, [valuesOf(fresh)])
    }

    const assertRight = async ({ botId, endDate, startDate, tz }: Scenario) => {
      const rows = await readRows(connection())
      const owner = ownerOf(rows, botId)
      const days = await get("/api/analytics", { bot_id: botId, start_date: startDate, end_date: endDate, tz }, owner)
      assert.strictEqual(days.status, 200, days.text)
      assert.deepStrictEqual(days.json, analytics(rows, botId, startDate, endDate, tz))
      // The service's clock goes on, and no row is near either end of its month.
      const now = await get(`/api/bots/${botId}/summary`, {}, owner)
      assert.deepStrictEqual(now.json, summary(rows, botId, new Date()))
      const total = async (path: string, parameters: Parameters) =>
        (await get(path, { bot_id: botId, limit: 1, ...parameters }, owner)).json.total
      assert.strictEqual(await total("/api/users", {}), userList(rows, botId).length)
      assert.strictEqual(await total("/api/payments", {}), paymentList(rows, botId).length)
      const filter = { startDate, endDate, tz }
      assert.strictEqual(
        await total("/api/payments", { start_date: startDate, end_date: endDate, tz }),
        paymentList(rows, botId, filter).length
      )
      assert.strictEqual(await total("/api/subscriptions", {}), subscriptionList(rows, botId).length)
      assert.strictEqual(
        await total("/api/subscriptions", { status: "ACTIVE " }),
        subscriptionList(rows, botId, "active").length
      )
    }

    it("are right in the very next answer after each write, and what is kept agrees with the rows", async () => {
      const before = await sourcesOf(ask)
      await forAll(history, 40, async ([[first, spare], writes]) => {
        await fill(first.data)
        await assertRight(first)
        for (const one of writes) {
          await apply(one, spare.data)
          await assertRight(first)
        }
      })
      await checkAll(connection())
      const after = await sourcesOf(ask)
      assert.isAbove(after.facts, before.facts)
      assert.isAbove(after.factsAndMarks, before.factsAndMarks)
    }, 120_000)

    it("come from facts alone once the writes are folded", async () => {
      const before = await sourcesOf(ask)
      await forAll(FC.tuple(scenario({ maxRows: 20 })), 10, async ([first]) => {
        await fill(first.data)
        await assertRight(first)
        await checkAll(connection())
        await assertRight(first)
      })
      const after = await sourcesOf(ask)
      assert.isAtLeast(after.facts, before.facts + 20)
    }, 120_000)
  })
}
