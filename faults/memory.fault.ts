import { existsSync, readFileSync } from "node:fs"
import { request } from "node:http"
import { assert, beforeAll, describe, it } from "vitest"
import { data } from "../tools/oracle/Example.js"
import { type Database, startDatabase } from "./support/Database.js"
import { initData, ownBot } from "./support/Questions.js"
import { report } from "./support/Report.js"
import { type ServiceProcess, startService } from "./support/ServiceProcess.js"
import { makeStage } from "./support/Stage.js"
import { sleep } from "./support/Wait.js"

/** Rows so wide that a few pages of them are more than the process may hold: a page and what is in flight are bounded. */

const HEAP_MB = 256
/** What the compose file gives the container. */
const RSS_MB = 512
const AT_ONCE = 64
const ROWS = 1_000
const WIDE_BYTES = 100_000
const WIDEST_BYTES = 5_000_000
const ANSWER_WITHIN = 60_000

const stage = makeStage()
let database: Database
let service: ServiceProcess

beforeAll(async () => {
  database = await stage.forAll(startDatabase("memory"))
  const url = await database.create("memory", data({ bots: [ownBot(1), ownBot(2)] }))
  const root = await database.root("memory")
  const insert = (from: number, to: number, bytes: number, botId: number) =>
    root.query(
      `INSERT INTO payments (bill_id, user_id, bot_id, amount, currency, status, date, meta)
       SELECT CONCAT('${botId}-', LPAD(n, 4, '0')), 7, ${botId}, 1, 'RUB', 'PAID', '2026-01-01' + INTERVAL n SECOND,
         JSON_OBJECT('qr', REPEAT('x', ${bytes}))
       FROM (SELECT a.n + 10 * b.n + 100 * c.n AS n FROM ${digits("a")}, ${digits("b")}, ${digits("c")}) AS numbers
       WHERE n >= ${from} AND n < ${to}`
    )
  for (let from = 0; from < ROWS; from += 100) await insert(from, from + 100, WIDE_BYTES, 1)
  // One row that is more than a page may hold.
  await insert(0, 1, 100, 2)
  await insert(1, 2, WIDEST_BYTES, 2)
  await insert(2, 3, 100, 2)
  service = await stage.forAll(
    startService(url, {
      NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}`,
      DATABASE_POOL_SIZE: "10",
      QUERY_TIMEOUT: "10 seconds"
    })
  )
  await service.untilReady(30_000)
})

const digits = (name: string) =>
  `(SELECT 0 AS n ${Array.from({ length: 9 }, (_, i) => `UNION ALL SELECT ${i + 1}`).join(" ")}) AS ${name}`

interface Seen {
  readonly status: number
  readonly bytes: number
  readonly rows: number
  /** The last characters: `next_cursor` is among them. */
  readonly tail: string
  readonly retryAfter: string | undefined
}

/** Reads an answer without keeping it: the client's memory is not what is looked at. */
const look = (path: string): Promise<Seen | Error> =>
  new Promise((resolve) => {
    const sent = request(service.url + path, {
      agent: false,
      headers: { "x-telegram-init-data": initData() },
      timeout: ANSWER_WITHIN
    })
    sent.on("timeout", () => sent.destroy(new Error("no answer in time")))
    sent.on("error", resolve)
    sent.on("response", (response) => {
      let bytes = 0
      let rows = 0
      let tail = ""
      response.setEncoding("latin1")
      response.on("data", (chunk: string) => {
        bytes += chunk.length
        // A name that is cut in two by the chunks is whole in what was left of the last one and this.
        const text = tail.slice(-'"bill_id":'.length + 1) + chunk
        rows += text.split('"bill_id":').length - 1
        tail = (tail + chunk).slice(-500)
      })
      response.on("error", resolve)
      response.on("aborted", () => resolve(new Error("cut off")))
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, bytes, rows, tail, retryAfter: response.headers["retry-after"] })
      )
    })
    sent.end()
  })

const cursorIn = ({ tail }: Seen): string | undefined => /"next_cursor":"([^"]+)"/.exec(tail)?.[1]

/** The most that the process ever had in memory; Linux tells it. */
const peakMb = (): number | undefined => {
  const path = `/proc/${service.pid}/status`
  if (!existsSync(path)) return undefined
  const found = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(path, "utf8"))
  return found === null ? undefined : Math.round(Number(found[1]) / 1024)
}

/** Every row of the list once, by cursor. */
const walk = async (botId: number) => {
  let rows = 0
  let pages = 0
  let cursor = ""
  for (;;) {
    const seen = await look(`/api/payments?bot_id=${botId}&limit=1000${cursor}`)
    if (seen instanceof Error) throw seen
    assert.strictEqual(seen.status, 200, seen.tail)
    assert.isAtLeast(seen.rows, 1)
    rows += seen.rows
    pages++
    const next = cursorIn(seen)
    if (next === undefined) return { rows, pages }
    cursor = `&cursor=${next}`
  }
}

describe(`rows of ${WIDE_BYTES / 1000} KB, a heap of ${HEAP_MB} MB`, () => {
  it("one page is answered, and goes on by cursor to the last row", async () => {
    const { pages, rows } = await walk(1)
    const peak = peakMb()
    report({
      fault: "pages of wide rows, one after the other",
      note: `${rows} rows in ${pages} pages, peak ${peak} MB`
    })
    assert.strictEqual(rows, ROWS)
    assert.isAbove(pages, 1, "a page is bounded by bytes as well as by rows")
    if (peak !== undefined) assert.isBelow(peak, RSS_MB)
    assert.isTrue(service.running())
  })

  it("a row that is wider than a page may be is a page of its own", async () => {
    const { rows } = await walk(2)
    assert.strictEqual(rows, 3)
  })

  it(`${AT_ONCE} pages at once are answered or 503, and the process lives`, async () => {
    const seen = await Promise.all(Array.from({ length: AT_ONCE }, () => look("/api/payments?bot_id=1&limit=1000")))
    const answers = seen.filter((one): one is Seen => !(one instanceof Error))
    const statuses = new Map<number, number>()
    for (const { status } of answers) statuses.set(status, (statuses.get(status) ?? 0) + 1)
    // A process that ends takes a moment for it.
    await sleep(1_000)
    const peak = peakMb()
    report({
      fault: `${AT_ONCE} pages of wide rows at once`,
      requests: seen.length,
      dropped: seen.length - answers.length,
      statuses,
      note: `${Math.round(answers.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6)} MB answered, peak ${peak} MB, heap limit ${HEAP_MB} MB`
    })
    assert.isTrue(service.running(), "the process has ended")
    assert.deepStrictEqual(
      seen.filter((one) => one instanceof Error),
      []
    )
    for (const answer of answers) {
      assert.include([200, 503], answer.status, answer.tail)
      if (answer.status === 503) assert.match(answer.retryAfter ?? "", /^[1-9]\d*$/)
      else if (answer.rows < ROWS) assert.isDefined(cursorIn(answer), answer.tail)
    }
    assert.isAbove(statuses.get(200) ?? 0, 0)
    if (peak !== undefined) assert.isBelow(peak, RSS_MB)
    assert.strictEqual((await walk(1)).rows, ROWS)
    assert.isEmpty(service.log().filter(({ level }) => level === "ERROR" || level === "FATAL" || level === "TEXT"))
  })
})
