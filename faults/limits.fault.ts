import mysql from "mysql2/promise"
import { assert, beforeAll, describe, it } from "vitest"
import { ask } from "./support/Ask.js"
import { type Database, startDatabase } from "./support/Database.js"
import { startLoad } from "./support/LoadClient.js"
import { type Question, questions, rehearse, smallRows } from "./support/Questions.js"
import { report } from "./support/Report.js"
import { type ServiceProcess, startService } from "./support/ServiceProcess.js"
import { makeStage } from "./support/Stage.js"
import { longest, Tally } from "./support/Tally.js"
import { sleep, until } from "./support/Wait.js"

/** The database is up, and refuses all the same. */

const POOL = 4
const QUERY_TIMEOUT = 2_000

const stage = makeStage()
const asked = questions(smallRows)
const { login, ...reads } = asked
let database: Database
let url: string
let service: ServiceProcess
let root: Awaited<ReturnType<Database["root"]>>

beforeAll(async () => {
  database = await stage.forAll(startDatabase("limits"))
  url = await database.create("limits", smallRows)
  root = await database.root("limits")
  service = await stage.forAll(startService(url, { DATABASE_POOL_SIZE: String(POOL) }))
  await service.untilReady(30_000)
  await rehearse(service.url, Object.values(asked))
})

const once = async (tally: Tally, list: ReadonlyArray<Question>) => {
  const replies = await Promise.all(list.map((question) => ask(service.url, question)))
  for (const reply of replies) tally.add(reply)
  return replies.map(({ answer }) => (answer instanceof Error ? String(answer) : answer.status))
}

describe("a database", () => {
  it("that fell back to read only answers reads, and a login when it is over", async () => {
    const tally = new Tally(Object.values(asked))
    await root.query("SET GLOBAL read_only = 1")
    try {
      assert.deepStrictEqual(new Set(await once(tally, Object.values(reads))), new Set([200]))
      assert.deepStrictEqual(await once(tally, [login]), [503])
    } finally {
      await root.query("SET GLOBAL read_only = 0")
    }
    const overAt = performance.now()
    assert.deepStrictEqual(await once(tally, [login]), [200])
    report({
      fault: "read-only database",
      ...tally.figures,
      recovery: performance.now() - overAt,
      connections: await database.settled(POOL),
      note: "reads 200, login 503, then 200"
    })
    assert.deepStrictEqual(tally.complaints, [])
  })

  it("that has no connection left gives 503, and answers when it has", async () => {
    const others: Array<mysql.Connection> = []
    const load = startLoad(service.url, Object.values(asked), { clients: 6, pause: 20 })
    await root.query("CREATE USER IF NOT EXISTS other IDENTIFIED BY 'other'")
    await root.query("SET GLOBAL max_connections = 12")
    const address = new URL(url)
    const takeAll = async () => {
      for (;;) {
        try {
          const connection = await mysql.createConnection({
            host: address.hostname,
            port: Number(address.port),
            user: "other",
            password: "other"
          })
          connection.on("error", () => {})
          others.push(connection)
        } catch {
          return
        }
      }
    }
    // Whatever connection the service loses or lets go, another takes.
    const starve = async () => {
      await takeAll()
      const [rows] = await root.query<Array<mysql.RowDataPacket>>(
        "SELECT id AS id FROM information_schema.processlist WHERE user = 'app'"
      )
      for (const { id } of rows) await root.query(`KILL ${Number(id)}`).catch(() => {})
      await takeAll()
    }
    try {
      await until(
        "the service is without a connection",
        async () => {
          await starve()
          return (await service.statusOf("/readyz")) === 503
        },
        15_000
      )
      for (const end = performance.now() + 1_500; performance.now() < end; await sleep(50)) await starve()
      assert.strictEqual(await service.statusOf("/healthz"), 200)
    } finally {
      for (const connection of others) connection.destroy()
      await root.query("SET GLOBAL max_connections = 151")
    }
    const servesAt = await database.serves(10_000)
    await sleep(2_500)
    const tally = await load.stop()
    const recovery = (tally.rightSince(servesAt)[0]?.endedAt ?? Number.POSITIVE_INFINITY) - servesAt
    report({
      fault: "max_connections of the database reached by others",
      ...tally.figures,
      recovery,
      connections: await database.settled(POOL),
      note: `slowest 503 ${Math.round(longest(tally.of("unavailable")))} ms`
    })
    assert.deepStrictEqual(tally.complaints, [])
    assert.isAbove(tally.of("unavailable").length, 10)
    assert.isBelow(longest(tally.of("unavailable")), QUERY_TIMEOUT + 1_500)
    assert.isAtMost(recovery, 2_000)
    await rehearse(service.url, Object.values(asked))
  })
})
