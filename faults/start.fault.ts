import { assert, beforeAll, describe, it } from "vitest"
import { type Database, startDatabase } from "./support/Database.js"
import { startLoad } from "./support/LoadClient.js"
import { questions, rehearse, smallRows } from "./support/Questions.js"
import { report } from "./support/Report.js"
import { startService } from "./support/ServiceProcess.js"
import { makeStage } from "./support/Stage.js"
import { sleep } from "./support/Wait.js"

/** The service is there before its database is. */

const DOWN_MILLIS = 4_000

const stage = makeStage()
const asked = Object.values(questions(smallRows))
let database: Database
let url: string

beforeAll(async () => {
  database = await stage.forAll(startDatabase("start"))
  url = await database.create("start", smallRows)
  // Migrated once: it is the waiting that is timed.
  const first = await stage.forAll(startService(url))
  await first.untilReady(30_000)
  first.kill("SIGTERM")
  await first.exited(12_000)
})

describe("started while the database is down, the service", () => {
  it("says so, and is ready by itself", async () => {
    await database.stop()
    const service = await stage.forTest(startService(url))
    const load = startLoad(service.url, asked, { clients: 4, pause: 50 })
    assert.strictEqual(await service.statusOf("/healthz"), 200)
    assert.strictEqual(await service.statusOf("/readyz"), 503)
    await sleep(DOWN_MILLIS)
    assert.strictEqual(load.tally.of("unavailable").length, load.tally.replies.length)
    const lines = service.log().filter(({ message }) => message.startsWith("Not ready"))

    const [servesAt] = await Promise.all([database.serves(60_000), database.start()])
    await service.untilReady(20_000)
    const ready = Math.max(0, performance.now() - servesAt)
    await sleep(1_000)
    const tally = await load.stop()
    const recovery = Math.max(0, (tally.rightSince(0)[0]?.endedAt ?? Number.POSITIVE_INFINITY) - servesAt)
    await rehearse(service.url, asked)
    report({
      fault: "start before the database",
      ...tally.figures,
      recovery,
      connections: await database.settled(4),
      note: `/readyz 200 after ${Math.round(ready)} ms; log lines in ${DOWN_MILLIS} ms of waiting: ${lines.length}`
    })
    assert.deepStrictEqual(tally.complaints, [])
    assert.isAtMost(recovery, 2_000)
    assert.isAtMost(ready, 2_000)
    assert.isAtLeast(lines.length, 1)
    // Shut down in order, a server may say more than one thing on its way.
    assert.isAtMost(lines.length, 2)
    assert.isEmpty(service.log().filter(({ level }) => level === "ERROR" || level === "TEXT"))
  })
})
