import { afterEach, assert, beforeAll, describe, it } from "vitest"
import { ask, keptAlive } from "./support/Ask.js"
import { type Database, type Session, startDatabase } from "./support/Database.js"
import { askAtOnce } from "./support/LoadClient.js"
import { type Question, questions, rehearse, smallRows } from "./support/Questions.js"
import { report } from "./support/Report.js"
import { type ServiceProcess, startService } from "./support/ServiceProcess.js"
import { makeStage } from "./support/Stage.js"
import { longest, p99 } from "./support/Tally.js"
import { sleep, until } from "./support/Wait.js"

/** More work than the service can do, and work that nobody waits for any more. */

const POOL = 4
const AT_ONCE = 500

const stage = makeStage()
const asked = questions(smallRows)
const reads = [asked.bots, asked.analytics, asked.summary, asked.users, asked.payments, asked.subscriptions]
let database: Database
let url: string
let root: Awaited<ReturnType<Database["root"]>>

beforeAll(async () => {
  database = await stage.forAll(startDatabase("pressure"))
  url = await database.create("pressure", smallRows)
  root = await database.root("pressure")
})
afterEach(async () => {
  await root.query("UNLOCK TABLES")
})

const start = async (variables: Readonly<Record<string, string>>): Promise<ServiceProcess> => {
  const service = await stage.forTest(startService(url, variables))
  await service.untilReady(30_000)
  await rehearse(service.url, reads)
  return service
}

const health: Question = {
  name: "health",
  method: "GET",
  path: "/healthz",
  headers: () => ({}),
  isRight: (text) => JSON.parse(text).status === "ok"
}

/** Asks for `/healthz` again and again on one connection, and gives the longest that it took. */
const probe = (url: string) => {
  const agent = keptAlive()
  let stopped = false
  const replies: Array<Awaited<ReturnType<typeof ask>>> = []
  const done = (async () => {
    while (!stopped) {
      replies.push(await ask(url, health, agent))
      await sleep(20)
    }
    agent.destroy()
  })()
  return async () => {
    stopped = true
    await done
    const failed = replies.filter(({ answer }) => answer instanceof Error || answer.status !== 200)
    assert.deepStrictEqual(failed, [])
    return longest(replies)
  }
}

/** What holds the database, how long an answer may wait for it, and whether that is enough. Half of it may be spent in line. */
const BURSTS = [
  { what: "of real work", holdMillis: 0, queryTimeout: "20 seconds", isInTime: true },
  { what: "while the database holds each for a moment", holdMillis: 1_200, queryTimeout: "20 seconds", isInTime: true },
  { what: "while the database holds each too long", holdMillis: 3_000, queryTimeout: "4 seconds", isInTime: false }
] as const

describe(`${AT_ONCE} requests at once on ${POOL} connections`, () => {
  it.each(BURSTS)("$what", async ({ holdMillis, isInTime, queryTimeout, what }) => {
    const service = await start({ DATABASE_POOL_SIZE: String(POOL), QUERY_TIMEOUT: queryTimeout })
    // The clients' own part of the time: as many requests at once for which nothing is done.
    const control = p99((await askAtOnce(service.url, [health], AT_ONCE)).replies)
    if (holdMillis > 0) await root.query("LOCK TABLES bots WRITE")
    const probed = probe(service.url)
    const storm = askAtOnce(service.url, reads, AT_ONCE)
    if (holdMillis > 0) {
      await sleep(holdMillis)
      await root.query("UNLOCK TABLES")
    }
    const tally = await storm
    const over = performance.now()
    await rehearse(service.url, reads)
    const recovery = performance.now() - over
    const slowestHealth = await probed()
    const refused = tally.of("unavailable")
    report({
      fault: `${AT_ONCE} requests at once ${what}, pool of ${POOL}`,
      ...tally.figures,
      connections: await database.settled(POOL),
      note: `p99 of a 503 ${Math.round(p99(refused))} ms (of as many /healthz ${Math.round(control)} ms), slowest 200 ${Math.round(longest(tally.of("right")))} ms, slowest /healthz ${Math.round(slowestHealth)} ms; all ${reads.length} routes right in ${Math.round(recovery)} ms afterwards`
    })
    assert.deepStrictEqual(tally.complaints, [])
    assert.strictEqual(tally.replies.length, AT_ONCE)
    if (isInTime) assert.strictEqual(refused.length, 0)
    else {
      assert.isAtLeast(tally.of("right").length, POOL)
      assert.isAbove(refused.length, AT_ONCE / 2)
      // Those in line wait for half of the time limit, those in progress for all of it.
      assert.isBelow(p99(refused), 4_000 + Math.max(1_500, 4 * control))
    }
    assert.isBelow(slowestHealth, Math.max(1_500, 4 * control))
    assert.isBelow(recovery, 2_000)
  })
})

const isRunning = async (before: ReadonlyArray<Session>) => {
  const now = new Set((await database.statements()).map(({ id }) => id))
  return before.some(({ id }) => now.has(id))
}

describe("clients that hang up", () => {
  it("leave no work behind, in the service or in the database", async () => {
    const clients = 200
    const pool = 10
    const service = await start({ DATABASE_POOL_SIZE: String(pool), QUERY_TIMEOUT: "30 seconds" })
    // Whoever makes the figures reads that table too; once they are there, only requests do.
    await service.untilFacts(30_000)
    await root.query("LOCK TABLES users WRITE")
    const agents = Array.from({ length: clients }, keptAlive)
    const lost = agents.map((agent) => ask(service.url, asked.users, agent))
    await until("the pool is busy", async () => (await database.statements()).length >= pool, 10_000)
    await sleep(300)
    // Whoever keeps the figures looks now and then whether the tables are still fit for it, and waits for the lock too.
    const running = (await database.statements()).filter(({ statement }) => !/^\s*SHOW INDEX/i.test(statement ?? ""))

    // As many connections to the database are made to end the statements there: that much is the machine's.
    const controlAt = performance.now()
    await Promise.all(running.map(() => database.serves(5_000)))
    const control = performance.now() - controlAt

    const hungUpAt = performance.now()
    const since = () => Math.round(performance.now() - hungUpAt)
    for (const agent of agents) agent.destroy()
    await Promise.all(lost)
    // The table is locked still: whatever is asked of another one must find a connection.
    const [next, ended] = await Promise.all([
      ask(service.url, asked.bots),
      until("the statements have ended", async () => !(await isRunning(running)), 10_000).then(since)
    ])
    const answered = next.endedAt - hungUpAt
    await root.query("UNLOCK TABLES")
    // A request of theirs that had kept its connection would never give it back.
    const isIdle = async () => {
      const text = await (await fetch(`${service.url}/metrics`)).text()
      return ["in_use", "waiting"].every((state) => text.includes(`database_pool_connections{state="${state}"} 0\n`))
    }
    await until("all connections are given back", isIdle, 10_000)
    await rehearse(service.url, reads)
    const connections = await database.settled(pool)
    report({
      fault: `${clients} clients hang up in the middle of a slow request`,
      requests: clients,
      connections,
      note: `their ${running.length} statements ended after ${ended} ms, the next request was answered after ${Math.round(answered)} ms (${running.length} plain connections: ${Math.round(control)} ms)`
    })
    assert.isTrue(!(next.answer instanceof Error) && next.answer.status === 200 && asked.bots.isRight(next.answer.text))
    assert.isBelow(answered, Math.max(1_000, 10 * control))
    assert.isBelow(ended, Math.max(2_000, 10 * control))
    assert.notMatch(JSON.stringify(service.log()), /"level":"(ERROR|FATAL|TEXT)"/)
  })
})
