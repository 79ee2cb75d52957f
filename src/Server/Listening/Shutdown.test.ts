import { type ChildProcess, spawn } from "node:child_process"
import { Agent, get } from "node:http"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { migrate } from "../../testing/Database.js"
import { openRaw, rawRequest } from "../../testing/RawHttp.js"
import { BOT_TOKEN, initDataOf, makeDatabase, SECRET_KEY, type TestDatabase } from "../../testing/Service.js"

const OWNER = 777000123
const sleep = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis))

interface Process {
  readonly child: ChildProcess
  readonly url: string
  readonly exit: Promise<{ readonly code: number | null; readonly signal: string | null }>
  readonly output: () => string
}

/** The service as it runs in production, as a process of its own. */
const start = async (database: TestDatabase): Promise<Process> => {
  const { host, password, port, username } = database.address
  const credentials = `${encodeURIComponent(username)}:${encodeURIComponent(Redacted.value(password))}`
  const child = spawn(process.execPath, ["--import", "tsx", "src/main.ts"], {
    env: {
      PATH: process.env.PATH,
      ENV_FILE: "",
      DATABASE_URL: `mysql://${credentials}@${host}:${port}/${database.address.database}`,
      SECRET_KEY,
      BOT_TOKEN,
      HOST: "127.0.0.1",
      PORT: "0",
      LOG_FORMAT: "json"
    },
    stdio: ["ignore", "pipe", "pipe"]
  })
  let output = ""
  child.stdout.on("data", (chunk) => (output += chunk))
  child.stderr.on("data", (chunk) => (output += chunk))
  const exit = new Promise<Awaited<Process["exit"]>>((resolve) =>
    child.on("exit", (code, signal) => resolve({ code, signal }))
  )
  for (let i = 0; i < 500; i++) {
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0]
    const ready = url === undefined ? undefined : await fetch(`${url}/readyz`).catch(() => undefined)
    await ready?.arrayBuffer()
    if (url !== undefined && ready?.status === 200) return { child, url, exit, output: () => output }
    await sleep(100)
  }
  child.kill("SIGKILL")
  throw new Error(`the service did not start: ${output}`)
}

const statusOf = (url: string, agent: Agent, headers: Record<string, string>) =>
  new Promise<number>((resolve, reject) => {
    get(url, { agent, headers }, (response) => {
      response.resume()
      response.on("end", () => resolve(response.statusCode ?? 0))
      response.on("error", reject)
    }).on("error", reject)
  })

describe("SIGTERM", () => {
  it.scopedLive(
    "lets every request that came before it have its answer, tells probes, and exits with 0",
    () =>
      // Migrated before: of tables that it has to make the service warns.
      Effect.flatMap(
        Effect.tap(makeDatabase, ({ address }) => migrate(address)),
        (database) =>
          Effect.promise(async () => {
            const service = await start(database)
            await database.connection.query("INSERT INTO bots (uid, bot_id, admin_id) VALUES (1, 7214036581, ?)", [
              OWNER
            ])
            const headers = { "X-Telegram-Init-Data": initDataOf(OWNER) }
            const failures: Array<string> = []
            let stopped = false
            let answered = 0

            // A light load over kept-alive connections, until the service goes.
            const clients = Array.from({ length: 6 }, async () => {
              const agent = new Agent({ keepAlive: true, maxSockets: 1 })
              for (;;) {
                const sentBefore = !stopped
                try {
                  const status = await statusOf(`${service.url}/healthz`, agent, headers)
                  if (status === 200) answered++
                  else failures.push(`status ${status}`)
                } catch (error) {
                  if (sentBefore) failures.push(String(error))
                  if (stopped) break
                }
              }
              agent.destroy()
            })

            // Requests that the database keeps waiting, and connections that have nothing in flight yet.
            await database.connection.query("LOCK TABLES bots WRITE")
            const slow = Array.from({ length: 4 }, async () => {
              const connection = openRaw(service.url)
              connection.write(rawRequest("GET", "/api/bots", headers))
              const answer = await connection.answer()
              await connection.ended
              return answer
            })
            const probe = openRaw(service.url)
            probe.write(rawRequest("GET", "/readyz"))
            assert.strictEqual((await probe.answer()).status, 200)
            await sleep(500)

            const signalled = performance.now()
            stopped = true
            service.child.kill("SIGTERM")
            await sleep(200)
            probe.write(rawRequest("GET", "/readyz"))
            const readiness = await probe.answer()
            assert.strictEqual(readiness.status, 503)
            assert.strictEqual(readiness.json._tag, "ServiceUnavailable")
            assert.strictEqual(readiness.headers.connection, "close")
            await sleep(500)
            await database.connection.query("UNLOCK TABLES")

            for (const answer of await Promise.all(slow)) {
              assert.strictEqual(answer.status, 200, answer.text)
              assert.strictEqual(answer.headers.connection, "close")
              assert.lengthOf(answer.json, 1)
            }
            assert.deepEqual(await service.exit, { code: 0, signal: null }, service.output())
            assert.isBelow(performance.now() - signalled, 6_000)
            await Promise.all(clients)
            assert.deepEqual(failures, [])
            assert.isAbove(answered, 20)
            assert.notMatch(service.output(), /"level":"(ERROR|WARN|FATAL)"/)
            assert.include(service.output(), "Stopping")
            const refused = await fetch(`${service.url}/healthz`).catch((error: Error) => error)
            assert.instanceOf(refused, Error)
          })
      ),
    60_000
  )
})
