import { connect, type Socket } from "node:net"
import { assert, beforeAll, describe, it } from "vitest"
import { rawRequest } from "../src/testing/RawHttp.js"
import { type Database, startDatabase } from "./support/Database.js"
import { startLoad } from "./support/LoadClient.js"
import { questions, rehearse, smallRows } from "./support/Questions.js"
import { report } from "./support/Report.js"
import { type ServiceProcess, startService } from "./support/ServiceProcess.js"
import { makeStage } from "./support/Stage.js"
import { longest } from "./support/Tally.js"
import { sleep } from "./support/Wait.js"

/** Connections that begin something and do not go on. The limits are those of src/Server/Listening/NodeServer.ts. */

const OF_EACH = 25
const DEAF = 3
/** What a deaf client asks for, in requests and at least so many bytes: more than the buffers of both sides hold. */
const ANSWERS = 40
const ANSWERS_BYTES = 5_000_000
const HEAD_MILLIS = 10_000
const REQUEST_MILLIS = 15_000
/** A buffer that still takes some bytes passes for a client that reads: it has the time twice. */
const DEAF_MILLIS = 2 * 10_000
const CHECKED_EVERY_MILLIS = 2_000
const SLACK_MILLIS = 2_000

const stage = makeStage()
const asked = questions(smallRows)
let database: Database
let service: ServiceProcess

beforeAll(async () => {
  database = await stage.forAll(startDatabase("clients"))
  const url = await database.create("clients", smallRows)
  service = await stage.forAll(startService(url))
  await service.untilFacts(30_000)
  await rehearse(service.url, Object.values(asked))
})

interface Staller {
  readonly socket: Socket
  readonly openedAt: number
  /** Milliseconds until the service hung up, or undefined while it has not. */
  closedAfter: number | undefined
  text: string
  received: number
}

const open = (bytes: string, reads = true): Staller => {
  const socket = connect(Number(new URL(service.url).port), "127.0.0.1")
  const staller: Staller = { socket, openedAt: performance.now(), closedAfter: undefined, text: "", received: 0 }
  const closed = () => {
    staller.closedAfter ??= performance.now() - staller.openedAt
  }
  socket.on("end", closed).on("close", closed).on("error", closed)
  socket.on("data", (chunk) => {
    staller.received += chunk.length
    if (reads) staller.text += chunk
  })
  if (!reads) socket.pause()
  socket.write(bytes)
  return staller
}

const some = (bytes: string) => Array.from({ length: OF_EACH }, () => open(bytes))

const slowest = (stallers: ReadonlyArray<Staller>) =>
  Math.max(...stallers.map(({ closedAfter }) => closedAfter ?? Number.POSITIVE_INFINITY))

const kindsOf = (stallers: ReadonlyArray<Staller>) =>
  [...new Set(stallers.map(({ text }) => /^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? "nothing"))].join(", ")

describe("clients that stall", () => {
  it("are hung up on in time, and do not hold up the others", async () => {
    const credentials = { "X-Telegram-Init-Data": asked.bots.headers()["x-telegram-init-data"] ?? "" }
    const silent = some("\r\n")
    const heads = some("GET /api/bots HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Half: ")
    const json = { "Content-Type": "application/json", "Content-Length": "1000" }
    const bodies = some(rawRequest("POST", "/api/auth/telegram", json, '{"init_data": "'))
    const big = rawRequest("GET", "/api/users?bot_id=1&limit=1000", credentials).repeat(ANSWERS)
    const deaf: Array<Staller> = []

    const load = startLoad(service.url, Object.values(asked), { clients: 4, pause: 20 })
    for (let i = 0; i < DEAF; i++) {
      deaf.push(open(big, false))
      await sleep(2_000)
    }
    await sleep(DEAF_MILLIS + SLACK_MILLIS - 2_000)
    const tally = await load.stop()
    // A client that does not read learns of its end only when it reads: it finds a part of its answers, and the end.
    for (const { socket } of deaf) socket.resume()
    await sleep(1_000)
    const cut = deaf.filter(({ closedAfter, received }) => closedAfter !== undefined && received < ANSWERS_BYTES).length
    report({
      fault: `${3 * OF_EACH + DEAF} connections that stall: no head, half a head, half a body, no reading`,
      ...tally.figures,
      connections: await database.settled(4),
      note: `slowest answer to others ${Math.round(longest(tally.replies))} ms; hung up after ${Math.round(slowest(silent))}, ${Math.round(slowest(heads))}, ${Math.round(slowest(bodies))} ms (${kindsOf(heads)}; ${kindsOf(bodies)}); ${cut} of ${DEAF} that do not read within ${DEAF_MILLIS} ms`
    })
    assert.deepStrictEqual(tally.complaints, [])
    assert.isBelow(longest(tally.replies), 4_000)
    assert.isBelow(slowest(silent), HEAD_MILLIS + CHECKED_EVERY_MILLIS + SLACK_MILLIS)
    assert.isBelow(slowest(heads), HEAD_MILLIS + CHECKED_EVERY_MILLIS + SLACK_MILLIS)
    assert.isBelow(slowest(bodies), REQUEST_MILLIS + CHECKED_EVERY_MILLIS + SLACK_MILLIS)
    assert.strictEqual(cut, DEAF)
    for (const { text } of [...heads, ...bodies]) {
      assert.match(text, /^HTTP\/1\.1 408 /)
      assert.strictEqual(JSON.parse(text.slice(text.indexOf("\r\n\r\n") + 4))._tag, "RequestTimeout")
    }
    for (const { socket } of [...silent, ...heads, ...bodies, ...deaf]) socket.destroy()
    assert.isTrue(service.running())
    await rehearse(service.url, Object.values(asked))
  })
})
