import { readdir, rm, stat } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { RowDataPacket } from "mysql2/promise"
import { databaseUrl } from "../../src/Config/DatabaseUrl.js"
import { freePort, withConnection } from "../database/Connection.js"
import { startServer } from "../database/DatabaseServer.js"
import { keptHome } from "../database/Paths.js"
import { commandLine, signal } from "../database/Processes.js"
import { fill } from "./Fill.js"
import { type DemoProcess, leftOf, npm, startDemo, terminal } from "./testing/DemoProcess.js"

const NAME = `demo-test-${process.pid}`

/** A start takes five seconds on a machine that has nothing else to do. */
const PATIENCE = 120_000

afterAll(() => rm(keptHome("mysql", NAME), { recursive: true, force: true }))

/** The one of the demo's processes whose command line has this. */
const find = (processes: ReadonlyArray<number>, part: string): number =>
  processes.find((pid) => commandLine(pid)?.includes(part)) ?? Number.NaN

const node = (processes: ReadonlyArray<number>): number =>
  processes.findLast((pid) => commandLine(pid)?.includes("tools/demo/main.ts")) ?? Number.NaN

type Ending = readonly [
  name: string,
  how: ReadonlyArray<string>,
  end: (demo: DemoProcess, processes: ReadonlyArray<number>) => void
]

const endings: ReadonlyArray<Ending> = [
  ["SIGTERM to npm alone", npm, ({ pid }) => signal(pid, "SIGTERM")],
  ["SIGKILL of npm", npm, ({ pid }) => signal(pid, "SIGKILL")],
  ["SIGKILL of the demo itself", npm, (_, processes) => signal(node(processes), "SIGKILL")],
  ["the end of its terminal", terminal, ({ pid }) => signal(pid, "SIGKILL")]
]

describe("the demo with a server of its own", () => {
  // One after the other on the same data: each shows too that the one before has left them whole.
  let loads = 0
  for (const [name, how, end] of endings) {
    it.scopedLive(
      `leaves no process after ${name}, and goes on with its data`,
      () =>
        Effect.gen(function* () {
          const variables = { DEMO_NAME: NAME, DEMO_SCALE: "0.02", PORT: String(yield* freePort) }
          const demo = yield* startDemo(how, variables)
          yield* demo.saying("Ctrl-C stops it; the data stay in .database/")
          if (demo.said().includes("Loading")) loads++
          assert.strictEqual(loads, 1)
          const processes = yield* demo.processes
          for (const part of ["npm run demo", "supervisor.mjs", "endWithParent.mjs", "mysqld"]) {
            assert.isNotNaN(find(processes, part), `${part} runs`)
          }
          end(demo, processes)
          assert.deepStrictEqual(yield* leftOf(processes, 15), [])
        }),
      PATIENCE
    )
  }
})

describe("a kept server's log", () => {
  const kind = process.env.TEST_DATABASE === "mariadb" ? "mariadb" : "mysql"
  const name = `${NAME}-log`
  const home = keptHome(kind, name)
  afterAll(() => rm(home, { recursive: true, force: true }))

  const logSize = async (): Promise<number> => {
    const folder = join(home, "data")
    const names = (await readdir(folder)).filter((file) => /^binlog\.\d+$/.test(file))
    const sizes = await Promise.all(names.map((file) => stat(join(folder, file))))
    return sizes.reduce((sum, { size }) => sum + size, 0)
  }

  it.scopedLive(
    "does not have the load, and has a later change as whole rows",
    () =>
      Effect.gen(function* () {
        const server = yield* startServer({ kind, name, keep: true })
        const address = yield* databaseUrl(server.url("bot_analytics_demo"))
        yield* fill({ address, privateServer: true, scale: 0.1, output: { write: () => undefined } })
        assert.isBelow(yield* Effect.promise(logSize), 200_000)
        const [settings, events] = yield* withConnection(server.port, async (connection) => {
          const ask = async (statement: string) => (await connection.query<Array<RowDataPacket>>(statement))[0]
          await connection.query("UPDATE bot_analytics_demo.payments SET status = 'REFUNDED' LIMIT 1")
          const [settings] = await ask(
            "SELECT @@log_bin AS log_bin, @@binlog_format AS format, @@binlog_row_image AS image, @@max_binlog_size AS size"
          )
          const log = (await ask("SHOW BINARY LOGS")).at(-1)?.Log_name
          return [settings, await ask(`SHOW BINLOG EVENTS IN '${log}'`)] as const
        })
        assert.deepStrictEqual({ ...settings }, { log_bin: 1, format: "ROW", image: "FULL", size: 16 * 1024 * 1024 })
        assert.match(events.map((event) => event.Event_type).join(" "), /update_rows/i)
      }),
    PATIENCE
  )
})
