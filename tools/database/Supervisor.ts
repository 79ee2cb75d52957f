import { spawn } from "node:child_process"
import { mkdir } from "node:fs/promises"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { DataFolderInUse, StartFailed } from "./Errors.js"

/** A started server process; `gone` gives the reason of its end. */
export interface ServerProcess {
  readonly pid: number
  readonly gone: Promise<string>
}

/** A process of its own that runs the server and stops it when this process ends in whatever way. */
export interface Supervisor {
  readonly launch: (command: ReadonlyArray<string>) => Effect.Effect<ServerProcess, StartFailed>
  /** Asks the server to shut down, and kills it when it does not within ten seconds. Does not wait. */
  readonly requestStop: Effect.Effect<void>
}

const closeWithin = 20_000

const program = fileURLToPath(new URL("./supervisor.mjs", import.meta.url))

type Event = readonly ["ready"] | readonly ["refused"] | readonly ["started", number] | readonly ["exited", string]

const open = (home: string, keep: boolean) => {
  const args = [program, home, keep ? "keep" : "throw-away", String(process.pid)]
  // Detached, so that a Ctrl-C in the terminal reaches this process and not the supervisor.
  const child = spawn(process.execPath, args, { detached: true, stdio: ["pipe", "pipe", "ignore"] })
  let server: { readonly pid: number; readonly ended: (reason: string) => void } | undefined
  let waiting: ((outcome: ServerProcess | string) => void) | undefined

  const started = (pid: number) => {
    const gone = new Promise<string>((resolve) => {
      server = { pid, ended: resolve }
    })
    waiting?.({ pid, gone })
    waiting = undefined
  }
  const exited = (reason: string) => {
    server?.ended(reason)
    server = undefined
    waiting?.(reason)
    waiting = undefined
  }
  child.stdin.on("error", () => {})
  const closed = new Promise<void>((resolve) => {
    child.on("error", () => resolve())
    child.on("close", () => {
      // Somebody killed the supervisor: nobody else would stop the server now.
      if (server !== undefined) process.kill(server.pid, "SIGKILL")
      exited("its supervisor was killed")
      resolve()
    })
  })
  const ready = new Promise<boolean>((resolve) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const event = JSON.parse(line) as Event
      if (event[0] === "started") started(event[1])
      else if (event[0] === "exited") exited(event[1])
      else resolve(event[0] === "ready")
    })
    void closed.then(() => resolve(false))
  })
  const send = (...command: ReadonlyArray<string>) => {
    child.stdin.write(`${JSON.stringify(command)}\n`)
  }
  const launch: Supervisor["launch"] = (command) =>
    Effect.async((resume) => {
      waiting = (outcome) =>
        resume(
          typeof outcome === "string"
            ? Effect.fail(new StartFailed({ message: `The server could not be started: ${outcome}` }))
            : Effect.succeed(outcome)
        )
      send("start", ...command)
    })
  const close = Effect.promise(() => {
    child.stdin.end()
    // It kills its server after ten seconds; should it hang itself, its own end makes us kill the server.
    const timer = setTimeout(() => child.kill("SIGKILL"), closeWithin)
    return closed.finally(() => clearTimeout(timer))
  })
  return { launch, requestStop: Effect.sync(() => send("stop")), ready, close }
}

/** Starts a supervisor for a home, whose folder it removes at the end unless it is kept. */
export const makeSupervisor = (home: string, keep: boolean): Effect.Effect<Supervisor, DataFolderInUse, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      await mkdir(home, { recursive: true, mode: 0o700 })
      return open(home, keep)
    }),
    (supervisor) => supervisor.close
  ).pipe(
    Effect.tap((supervisor) =>
      Effect.promise(() => supervisor.ready).pipe(
        Effect.filterOrFail(
          (ready) => ready,
          () => new DataFolderInUse({ message: `${home} has just been taken by another process. Choose another name.` })
        )
      )
    )
  )
