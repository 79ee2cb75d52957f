import { type ChildProcess, spawn } from "node:child_process"
import { closeSync, openSync } from "node:fs"
import { createServer } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"

const HOST = "127.0.0.1"
const FIRST_PORT = 18_100
const LAST_PORT = 18_199

export interface ServerProcess {
  readonly url: string
  readonly pid: number
  /** Seconds from its start to the first time that it was ready. */
  readonly readyAfter: number
  readonly stop: () => Promise<void>
}

const running = new Set<ChildProcess>()

// However this process ends, no server outlives it.
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL")
})

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer()
    probe.once("error", () => resolve(false))
    probe.listen(port, HOST, () => probe.close(() => resolve(true)))
  })

const freePort = async (): Promise<number> => {
  for (let port = FIRST_PORT; port <= LAST_PORT; port++) if (await isFree(port)) return port
  throw new Error(`No port from ${FIRST_PORT} to ${LAST_PORT} is free`)
}

/** Node.js at production settings; what it writes to standard output, such as its log, goes nowhere. */
const spawnNode = (program: string, variables: Readonly<Record<string, string>>): ChildProcess => {
  const nowhere = openSync("/dev/null", "w")
  const child = spawn(process.execPath, [program], {
    env: { PATH: process.env.PATH, ENV_FILE: "", NODE_ENV: "production", ...variables },
    stdio: ["ignore", nowhere, "inherit"]
  })
  closeSync(nowhere)
  running.add(child)
  child.once("exit", () => running.delete(child))
  return child
}

const stopProcess = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once("exit", () => resolve())
    child.kill("SIGTERM")
  })

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null

export interface ServerOptions {
  readonly program: string
  readonly variables: Readonly<Record<string, string>>
  /** Asked again and again until it says yes. */
  readonly isReady: (url: string) => Promise<boolean>
  /** Between two questions, in milliseconds. */
  readonly pause?: number
}

/** Starts a server on a free port and waits until it is ready. */
export const startProcess = async ({
  isReady,
  pause = 50,
  program,
  variables
}: ServerOptions): Promise<ServerProcess> => {
  const port = await freePort()
  const url = `http://${HOST}:${port}`
  const start = performance.now()
  const child = spawnNode(program, { ...variables, HOST, PORT: String(port) })
  while (!(await isReady(url).catch(() => false))) {
    if (hasEnded(child)) throw new Error(`${program} ended before it was ready (${child.exitCode ?? child.signalCode})`)
    await sleep(pause)
  }
  const readyAfter = (performance.now() - start) / 1000
  return { url, pid: child.pid ?? 0, readyAfter, stop: () => stopProcess(child) }
}
