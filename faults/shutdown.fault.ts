import { afterEach, assert, beforeAll, describe, it } from "vitest"
import { openRaw, rawRequest } from "../src/testing/RawHttp.js"
import { ask, keptAlive } from "./support/Ask.js"
import { type Database, startDatabase } from "./support/Database.js"
import { startLoad } from "./support/LoadClient.js"
import { questions, rehearse, smallRows } from "./support/Questions.js"
import { report } from "./support/Report.js"
import { startService } from "./support/ServiceProcess.js"
import { makeStage } from "./support/Stage.js"
import { Tally } from "./support/Tally.js"
import { sleep, until } from "./support/Wait.js"

/** SIGTERM, while clients ask. A locked table makes requests slow for as long as the test likes. */

const ROUNDS = 3
const CLIENTS = 20
const SLOW = 5
const LATE = 5

const stage = makeStage()
const asked = questions(smallRows)
const quick = [asked.bots, asked.payments, asked.subscriptions]
let database: Database
let url: string
let root: Awaited<ReturnType<Database["root"]>>

beforeAll(async () => {
  database = await stage.forAll(startDatabase("shutdown"))
  url = await database.create("shutdown", smallRows)
  root = await database.root("shutdown")
})
afterEach(async () => {
  await root.query("UNLOCK TABLES")
})

const startWithSlowRequests = async () => {
  // With facts, every figure looks at `users` too, and the lock would hold up more than the slow requests.
  const variables = { DATABASE_POOL_SIZE: "10", QUERY_TIMEOUT: "10 seconds", FACTS: "off" }
  const service = await stage.forTest(startService(url, variables))
  await service.untilReady(30_000)
  await rehearse(service.url, [...quick, asked.users])
  await root.query("LOCK TABLES users WRITE")
  const slow = Array.from({ length: SLOW }, () => ask(service.url, asked.users))
  const waiting = async () => (await database.statements()).filter(({ statement }) => /\busers\b/.test(statement ?? ""))
  await until("the slow requests wait in the database", async () => (await waiting()).length >= SLOW, 5_000)
  return { service, slow }
}

const connectionOf = (reply: Awaited<ReturnType<typeof ask>>) =>
  reply.answer instanceof Error ? String(reply.answer) : reply.answer.headers.connection

describe("SIGTERM", () => {
  it.each(Array.from({ length: ROUNDS }, (_, round) => round + 1))(
    "lets every request that was received have its answer (round %i)",
    async (round) => {
      const { service, slow } = await startWithSlowRequests()
      const idle = Array.from({ length: LATE }, () => openRaw(service.url))
      const headers = { "X-Telegram-Init-Data": asked.bots.headers()["x-telegram-init-data"] ?? "" }
      for (const connection of idle) {
        connection.write(rawRequest("GET", "/healthz"))
        assert.strictEqual((await connection.answer()).status, 200)
      }
      const load = startLoad(service.url, quick, { clients: CLIENTS, pause: 0, untilRefused: true })
      await sleep(700)

      const signalledAt = performance.now()
      service.kill("SIGTERM")
      await sleep(150)
      // Their connections are open still, so they are answered, and told that it was the last answer.
      for (const connection of idle) connection.write(rawRequest("GET", "/api/bots", headers))
      for (const connection of idle) {
        const answer = await connection.answer()
        assert.strictEqual(answer.status, 200)
        assert.strictEqual(answer.headers.connection, "close")
        assert.isTrue(asked.bots.isRight(answer.text))
      }
      await sleep(800)
      assert.isTrue(service.running())
      await root.query("UNLOCK TABLES")

      const tally = new Tally([asked.users])
      for (const reply of await Promise.all(slow)) {
        tally.add(reply)
        assert.strictEqual(connectionOf(reply), "close")
      }
      const exit = await service.exited(12_000)
      const others = await load.stop()
      // A connection that was made after the signal may be cut; a request that came before may not.
      const dropped = others.of("dropped").filter(({ startedAt }) => startedAt < signalledAt)
      const late = others.replies.filter(({ startedAt }) => startedAt > signalledAt + 30)
      const connections = await database.settled(0)
      report({
        fault: `SIGTERM of the service, ${CLIENTS} clients + ${SLOW} slow, round ${round}`,
        requests: others.replies.length + slow.length + idle.length,
        wrong: others.of("wrong").length + tally.of("wrong").length,
        dropped: dropped.length + tally.of("dropped").length,
        statuses: others.statuses,
        connections,
        note: `exit ${exit.code ?? exit.signal} after ${Math.round(exit.at - signalledAt)} ms, connections cut after the signal: ${others.of("dropped").length - dropped.length}`
      })
      assert.deepStrictEqual(tally.complaints, [])
      assert.strictEqual(tally.of("right").length, SLOW)
      assert.deepStrictEqual(dropped, [])
      assert.deepStrictEqual([...others.of("wrong"), ...others.of("unavailable")], [])
      assert.isAbove(others.of("right").length, CLIENTS)
      for (const reply of late) if (!(reply.answer instanceof Error)) assert.strictEqual(connectionOf(reply), "close")
      assert.deepInclude(exit, { code: 0, signal: null })
      assert.isBelow(exit.at - signalledAt, 12_000)
      assert.deepStrictEqual(
        service
          .log()
          .filter(({ level, message }) => /ERROR|WARN|FATAL|TEXT/.test(level) && !message.includes("FACTS=off")),
        []
      )
      assert.instanceOf((await ask(service.url, asked.bots)).answer, Error)
    }
  )

  it("twice ends the service at once, for an operator who will not wait", async () => {
    const { service, slow } = await startWithSlowRequests()
    const agent = keptAlive()
    assert.notInstanceOf((await ask(service.url, asked.bots, agent)).answer, Error)
    service.kill("SIGTERM")
    await sleep(300)
    assert.isTrue(service.running())
    const secondAt = performance.now()
    service.kill("SIGTERM")
    const exit = await service.exited(12_000)
    agent.destroy()
    const took = exit.at - secondAt
    const replies = await Promise.all(slow)
    report({
      fault: "second SIGTERM while 5 slow requests wait",
      requests: SLOW,
      note: `${exit.signal ?? `exit ${exit.code}`} after ${Math.round(took)} ms; cut: ${replies.filter(({ answer }) => answer instanceof Error).length}`
    })
    assert.isBelow(took, 2_000)
    await root.query("UNLOCK TABLES")
    assert.strictEqual(await database.settled(0), 0)
  })

  it("gives up a request that takes too long, and still ends", async () => {
    const { service, slow } = await startWithSlowRequests()
    const signalledAt = performance.now()
    service.kill("SIGTERM")
    const exit = await service.exited(14_000)
    const took = exit.at - signalledAt
    const replies = await Promise.all(slow)
    report({
      fault: "SIGTERM while the database holds 5 requests for longer than that",
      requests: SLOW,
      statuses: new Map([[503, replies.filter(({ answer }) => !(answer instanceof Error)).length]]),
      connections: (await database.sessions()).length,
      note: `exit ${exit.code ?? exit.signal} after ${Math.round(took)} ms`
    })
    assert.deepInclude(exit, { code: 0, signal: null })
    assert.isBelow(took, 12_000)
  })
})
