import { afterEach, assert, beforeAll, describe, it } from "vitest"
import { ask } from "./support/Ask.js"
import { type Database, startDatabase } from "./support/Database.js"
import { startLoad } from "./support/LoadClient.js"
import { questions, rehearse, smallRows } from "./support/Questions.js"
import { report } from "./support/Report.js"
import { type ServiceProcess, startService } from "./support/ServiceProcess.js"
import { makeStage } from "./support/Stage.js"
import { longest } from "./support/Tally.js"
import { sleep, until } from "./support/Wait.js"

/** What the bots' own software does to its tables while the service runs, and somebody to ours. */

const POOL = 4
const QUERY_TIMEOUT = 2_000

const stage = makeStage()
const asked = questions(smallRows)
const all = Object.values(asked)
const reads = all.filter(({ name }) => name !== "login")
let database: Database
let url: string
let root: Awaited<ReturnType<Database["root"]>>

beforeAll(async () => {
  database = await stage.forAll(startDatabase("defect"))
  url = await database.create("defect", smallRows)
  root = await database.root("defect")
})
afterEach(async () => {
  await root.query("UNLOCK TABLES")
})

const start = async (): Promise<ServiceProcess> => {
  const service = await stage.forTest(startService(url, { DATABASE_POOL_SIZE: String(POOL) }))
  await service.untilReady(30_000)
  await rehearse(service.url, all)
  return service
}

describe("a bots' table", () => {
  it("that is locked gives 503 on its routes in time, and right answers afterwards", async () => {
    const service = await start()
    const load = startLoad(service.url, reads, { clients: 6, pause: 20 })
    await sleep(300)
    await root.query("LOCK TABLES payments WRITE")
    await sleep(5_000)
    await root.query("UNLOCK TABLES")
    const freeAt = performance.now()
    await sleep(2_000)
    const tally = await load.stop()
    const recovery =
      (tally.rightSince(freeAt).find(({ question }) => question === "payments")?.endedAt ?? Number.POSITIVE_INFINITY) -
      freeAt
    const slowest = longest(tally.of("unavailable"))
    report({
      fault: "a bots' table locked for 5 s",
      ...tally.figures,
      recovery,
      connections: await database.settled(POOL),
      note: `slowest 503 ${Math.round(slowest)} ms; statements left in the database: ${(await database.statements()).length}`
    })
    assert.deepStrictEqual(tally.complaints, [])
    assert.isAbove(tally.of("unavailable").length, 0)
    assert.isBelow(slowest, QUERY_TIMEOUT + 1_500)
    assert.isAtMost(recovery, 2_000)
  })

  it("that loses a column is answered without it at once, and with it when it is back", async () => {
    const service = await start()
    const invited = async () => {
      const { answer } = await ask(service.url, asked.users)
      if (answer instanceof Error) throw answer
      assert.strictEqual(answer.status, 200, answer.text)
      const { users } = JSON.parse(answer.text) as { readonly users: ReadonlyArray<{ readonly invited: unknown }> }
      return users.map((user) => user.invited)
    }
    const before = await invited()
    assert.isTrue(before.some((value) => value !== null))
    await root.query("ALTER TABLE users RENAME COLUMN invited TO invited_away")
    try {
      const answers = await Promise.all(Array.from({ length: 12 }, invited))
      for (const answer of answers) assert.deepStrictEqual(new Set(answer), new Set([null]))
      await rehearse(
        service.url,
        all.filter(({ name }) => name !== "users")
      )
    } finally {
      await root.query("ALTER TABLE users RENAME COLUMN invited_away TO invited")
    }
    // A column more fails no statement: it is found by the clock.
    const recovery = await until(
      "the column is answered again",
      async () => (await invited()).some((value) => value !== null),
      15_000
    )
    await rehearse(service.url, all)
    report({
      fault: "a column of a bots' table is gone",
      requests: 14 + 2 * all.length,
      wrong: 0,
      dropped: 0,
      statuses: new Map([[200, 14 + 2 * all.length]]),
      recovery,
      connections: await database.settled(POOL),
      note: "answered with null at once; recovery: until a column that came back is answered"
    })
    const { status } = await fetch(`${service.url}/readyz`)
    assert.strictEqual(status, 200)
    assert.isEmpty(service.log().filter(({ level }) => level === "ERROR" || level === "FATAL" || level === "TEXT"))
  })
})

describe("a table of ours", () => {
  it("that somebody changed is a 500 that finds its cause in the log, and the rest lives on", async () => {
    const service = await start()
    await root.query("ALTER TABLE bot_analytics_admins RENAME COLUMN first_name TO first_name_away")
    let ids: ReadonlyArray<string> = []
    try {
      const failed = await Promise.all([ask(service.url, asked.login), ask(service.url, asked.login)])
      ids = failed.map(({ answer }) => {
        if (answer instanceof Error) throw answer
        assert.strictEqual(answer.status, 500)
        assert.match(String(answer.headers["content-type"]), /^application\/json/)
        const { _tag, message } = JSON.parse(answer.text)
        assert.strictEqual(_tag, "InternalError")
        assert.notMatch(message, /first_name|update|column|admins/i)
        return String(answer.headers["x-request-id"])
      })
      await rehearse(service.url, reads)
    } finally {
      await root.query("ALTER TABLE bot_analytics_admins RENAME COLUMN first_name_away TO first_name")
    }
    const mendedAt = performance.now()
    await rehearse(service.url, all)
    const recovery = performance.now() - mendedAt
    const errors = service.log().filter(({ level }) => level === "ERROR" || level === "FATAL")
    report({
      fault: "a column of a table of ours is gone",
      requests: 2 + reads.length + all.length,
      wrong: 0,
      dropped: 0,
      statuses: new Map([
        [200, reads.length + all.length],
        [500, 2]
      ]),
      recovery,
      connections: await database.settled(POOL),
      note: `ERROR lines: ${errors.length}, with request id and cause`
    })
    assert.sameMembers(
      errors.map(({ request_id }) => String(request_id)),
      [...ids]
    )
    for (const { cause } of errors) assert.match(cause ?? "", /Unknown column/)
    assert.isTrue(service.running())
    assert.isEmpty(service.log().filter(({ level }) => level === "TEXT"))
  })
})
