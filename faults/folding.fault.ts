import type mysql from "mysql2/promise"
import { assert, beforeAll, describe, it } from "vitest"
import { type BotWriter, startWriter, WRITTEN } from "./support/BotWriter.js"
import { type Database, startDatabase } from "./support/Database.js"
import { rows } from "./support/Questions.js"
import { report } from "./support/Report.js"
import { type ServiceProcess, startService } from "./support/ServiceProcess.js"
import { makeStage } from "./support/Stage.js"
import { checkKept, judge } from "./support/Truth.js"
import { sleep, until } from "./support/Wait.js"

/** Two instances, one of which folds: it is killed with -9 while it does, and the other goes on. */

const BOT = 1
const WRITERS = 4
/** Past that without a word the one that folds is taken for dead (src/Database/Lease.ts), and the next second is enough. */
const TAKEN_OVER_MILLIS = 10_000 + 3_000

const stage = makeStage()
let database: Database
let url: string
let root: mysql.Connection
let writers: ReadonlyArray<BotWriter>
/** The one that folds, and the other. */
let services: readonly [ServiceProcess, ServiceProcess]

const start = async () => {
  const service = await stage.forAll(startService(url))
  await service.untilFacts(30_000)
  return service
}

const one = async (statement: string): Promise<string | undefined> => {
  const [[row]] = await root.query<Array<mysql.RowDataPacket & { readonly value: string }>>(statement)
  return row?.value
}
const holder = () =>
  one("SELECT owner AS value FROM bot_analytics_leases WHERE name = 'facts' AND until > UTC_TIMESTAMP(3)")
const anchor = () => one(`SELECT anchor AS value FROM bot_analytics_kept WHERE bot_id = ${BOT}`)

const inPeace = <A>(use: () => Promise<A>): Promise<A> =>
  writers.reduceRight<() => Promise<A>>(
    (inner, { between }) =>
      () =>
        between(inner),
    use
  )()

beforeAll(async () => {
  database = await stage.forAll(startDatabase("folding"))
  url = await database.create("folding", rows(0.003))
  root = await database.root("folding")
  const first = await start()
  const connections = await Promise.all(Array.from({ length: WRITERS }, () => database.root("folding")))
  writers = connections.map((connection, index) => startWriter(connection, BOT, index))
  services = [first, await start()]
}, 60_000)

/** In the middle of a transaction that writes: it waits for a lock that somebody has. */
const whileItWrites = async () => {
  const locker = await database.root("folding")
  await locker.query("BEGIN")
  await locker.query("SELECT COUNT(*) FROM bot_analytics_totals FOR UPDATE")
  const isWriting = async () =>
    (await database.statements()).some(({ statement }) => /^\s*INSERT INTO bot_analytics_totals/.test(statement ?? ""))
  await until("it waits with half of its writes done", isWriting, 10_000, 1)
  return () => locker.query("ROLLBACK")
}

/** Whatever it does then: with so many changes it folds all the time. */
const anyMoment = async () => {
  await sleep(200 + Math.random() * 1_000)
  return async () => {}
}

describe("the instance that folds is killed with -9", () => {
  it.each([
    ["while it writes", whileItWrites],
    ["at any moment", anyMoment],
    ["while it writes, once more", whileItWrites],
    ["at any moment, once more", anyMoment]
  ] as const)("%s: the other answers rightly at once, and goes on folding", async (when, moment) => {
    const [folder, other] = services
    const before = await holder()
    const release = await moment()
    assert.strictEqual(await holder(), before)
    folder.kill("SIGKILL")
    const killedAt = performance.now()
    await folder.exited(5_000)
    await release()
    const reached = await anchor()
    const words: Array<string> = []
    const isTakenOver = async () => {
      words.push(await inPeace(() => judge(other.url, root, BOT, WRITTEN)))
      const now = await holder()
      return now !== before && now !== undefined && (await anchor()) !== reached
    }
    await until("the other goes on", isTakenOver, TAKEN_OVER_MILLIS + 5_000, 200)
    const took = performance.now() - killedAt
    services = [other, await start()]
    const kept = await inPeace(async () => {
      const word = await Promise.all(services.map((service) => judge(service.url, root, BOT, WRITTEN)))
      words.push(...word)
      return checkKept(url)
    })
    report({
      fault: `kill -9 of the instance that folds, ${when}`,
      requests: words.length * 3,
      wrong: words.filter((word) => word !== "right").length,
      recovery: took,
      note: "the figures of the other are right from the first answer on; recovery is when it folds itself"
    })
    assert.deepStrictEqual(new Set(words), new Set(["right"]))
    assert.isBelow(took, TAKEN_OVER_MILLIS)
    assert.match(kept, /Bot 1: .* 0 differences/)
    assert.match(kept, /exit code 0$/)
  })

  it("and no bot noticed", async () => {
    for (const { stop } of writers) await stop()
    assert.deepStrictEqual(
      writers.flatMap(({ failures }) => failures),
      []
    )
  })
})
