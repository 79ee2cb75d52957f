import { spawn } from "node:child_process"
import { appendFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { inject } from "vitest"
import { freePort } from "../../tools/database/Connection.js"
import { inTime, until } from "./Wait.js"

/** The built service, as a process of its own: what an operator runs. */

export const BOT_TOKEN = "7214036581:AAE-a-token-for-tests-only-000000000"

const MAIN = process.env.SERVICE_MAIN ?? fileURLToPath(new URL("../../dist/main.mjs", import.meta.url))

export interface LogLine {
  readonly level: string
  readonly message: string
  readonly request_id?: string
  readonly cause?: string
}

export interface Exit {
  readonly code: number | null
  readonly signal: string | null
  readonly at: number
}

export interface ServiceProcess {
  readonly url: string
  readonly pid: number
  readonly kill: (signal: NodeJS.Signals) => void
  /** Its end, with all that it wrote. */
  readonly exited: (within: number) => Promise<Exit>
  readonly running: () => boolean
  readonly log: () => ReadonlyArray<LogLine>
  readonly statusOf: (path: string) => Promise<number | undefined>
  readonly untilReady: (within: number) => Promise<number>
  /** Figures come from facts: the log is followed, and all bots are built. */
  readonly untilFacts: (within: number) => Promise<number>
}

const started: Array<ServiceProcess["log"]> = []

/** What the services of this file said of their failures: the cause of a failed test may be there. */
export const failuresLogged = (): ReadonlyArray<LogLine> =>
  started.flatMap((log) => log().filter(({ level }) => /ERROR|FATAL|TEXT/.test(level)))

const parsed = (line: string): ReadonlyArray<LogLine> => {
  try {
    return [JSON.parse(line)]
  } catch {
    return line === "" ? [] : [{ level: "TEXT", message: line }]
  }
}

const launch = async (databaseUrl: string, variables: Readonly<Record<string, string>>) => {
  const port = await Effect.runPromise(freePort)
  const url = `http://127.0.0.1:${port}`
  const child = spawn(process.execPath, [MAIN], {
    env: {
      PATH: process.env.PATH,
      ENV_FILE: "",
      DATABASE_URL: databaseUrl,
      DATABASE_POOL_SIZE: "4",
      QUERY_TIMEOUT: "2 seconds",
      SECRET_KEY: "a secret for tests only, 0123456789",
      BOT_TOKEN,
      HOST: "127.0.0.1",
      PORT: String(port),
      // Each login of the load comes from an address of its own.
      TRUSTED_PROXIES: "127.0.0.1",
      // Without it a fault would be tried on figures from the rows, and nobody would know.
      FACTS: "on",
      LOG_FORMAT: "json",
      LOG_LEVEL: "info",
      ...variables
    },
    stdio: ["ignore", "pipe", "pipe"]
  })
  if (child.pid === undefined) throw new Error(`could not start ${MAIN}`)
  appendFileSync(`${inject("runFolder")}/pids`, `${child.pid}\n`)
  let output = ""
  child.stdout.on("data", (chunk) => (output += chunk))
  child.stderr.on("data", (chunk) => (output += chunk))
  const running = () => child.exitCode === null && child.signalCode === null
  const exit = new Promise<Exit>((resolve) => {
    let at = 0
    child.once("exit", () => (at = performance.now()))
    child.once("close", (code, signal) => resolve({ code, signal, at }))
  })
  const statusOf = async (path: string) => {
    try {
      const response = await fetch(url + path, { signal: AbortSignal.timeout(5_000) })
      await response.arrayBuffer()
      return response.status
    } catch {
      return undefined
    }
  }
  const untilStatus = (path: string, within: number) =>
    until(
      `${path} answers 200`,
      async () => {
        if (!running()) throw new Error(`the service ended by itself: ${output.slice(-2_000)}`)
        return (await statusOf(path)) === 200
      },
      within
    )
  const log = () => output.split("\n").flatMap(parsed)
  started.push(log)
  return {
    url,
    pid: child.pid,
    kill: (signal) => void child.kill(signal),
    exited: (within) => inTime("the service ends", exit, within),
    running,
    log,
    statusOf,
    untilReady: (within) => untilStatus("/readyz", within),
    untilFacts: (within) =>
      until(
        "figures come from facts",
        async () => (await (await fetch(`${url}/readyz`)).text()).includes('"figures":"facts"'),
        within
      ),
    untilListening: () => untilStatus("/healthz", 30_000)
  } satisfies ServiceProcess & { readonly untilListening: () => Promise<number> }
}

/** Starts the service, and waits until it answers at all. */
export const startService = (
  databaseUrl: string,
  variables: Readonly<Record<string, string>> = {}
): Effect.Effect<ServiceProcess, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.promise(() => launch(databaseUrl, variables)),
    (service) =>
      Effect.promise(async () => {
        if (service.running()) service.kill("SIGKILL")
        await service.exited(5_000)
      })
  ).pipe(Effect.tap((service) => Effect.promise(service.untilListening)))
