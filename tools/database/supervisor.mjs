// Runs a database server for a parent process and outlives that parent just long enough to stop the server: however the parent
// dies, even by SIGKILL, its end of our stdin closes. Plain JavaScript, so that it starts fast and needs no loader.
//
//   node supervisor.mjs HOME keep|throw-away PARENT_PID
//
// Commands on stdin, a JSON value a line: ["start", program, ...args], ["stop"].
// Events on stdout, a JSON value a line: ["ready"], ["refused"], ["started", pid], ["exited", reason].
import { spawn } from "node:child_process"
import { closeSync, linkSync, openSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { createInterface } from "node:readline"

const [home, keeping, parentPid] = process.argv.slice(2)
const pidFile = join(home, "supervisor.pid")
const patience = 10_000

let server
let killTimer
let ending = false

const emit = (...event) => process.stdout.write(`${JSON.stringify(event)}\n`)

const finish = () => {
  rmSync(pidFile, { force: true })
  if (keeping === "throw-away") rmSync(home, { recursive: true, force: true, maxRetries: 3 })
  process.exit(0)
}

const stop = () => {
  if (server === undefined) return
  server.kill("SIGTERM")
  // A frozen server would never see the SIGTERM.
  server.kill("SIGCONT")
  killTimer ??= setTimeout(() => server?.kill("SIGKILL"), patience)
}

const exited = (reason) => {
  clearTimeout(killTimer)
  killTimer = undefined
  server = undefined
  emit("exited", reason)
  if (ending) finish()
}

const start = (program, args) => {
  const log = openSync(join(home, "error.log"), "a")
  const child = spawn(program, args, { stdio: ["ignore", log, log] })
  closeSync(log)
  if (child.pid === undefined) {
    child.on("error", (error) => exited(error.message))
    return
  }
  server = child
  child.on("exit", (code, signal) => exited(signal ?? `code ${code}`))
  emit("started", child.pid)
}

const end = () => {
  if (ending) return
  ending = true
  if (server === undefined) finish()
  // What is deleted a moment later need not be shut down in order.
  else if (keeping === "throw-away") server.kill("SIGKILL")
  else stop()
}

// Ctrl-C reaches every process of the terminal: the parent has to end first, in its own order.
process.on("SIGINT", () => {})
process.on("SIGHUP", () => {})
process.on("SIGTERM", end)
process.stdout.on("error", () => {})

// Linking a finished file is atomic: of two supervisors on one folder exactly one gets through, and nobody reads half a file.
const claim = () => {
  const draft = `${pidFile}.${process.pid}`
  writeFileSync(draft, `${process.pid} ${parentPid}`)
  try {
    linkSync(draft, pidFile)
    return true
  } catch {
    return false
  } finally {
    rmSync(draft, { force: true })
  }
}

if (claim()) {
  createInterface({ input: process.stdin })
    .on("line", (line) => {
      const [command, program, ...args] = JSON.parse(line)
      if (command === "start") start(program, args)
      else if (command === "stop") stop()
    })
    .on("close", end)
  emit("ready")
} else {
  emit("refused")
}
