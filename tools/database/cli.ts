import { spawn } from "node:child_process"
import { fstatSync } from "node:fs"
import { constants } from "node:os"
import { parseArgs } from "node:util"
import { defaultTeardown } from "@effect/platform/Runtime"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { type DatabaseServer, startServer } from "./DatabaseServer.js"

const usage = `Usage: npx tsx tools/database/cli.ts [--kind mysql|mariadb] [--name NAME] [--keep] [-- COMMAND ARGS...]

Starts a private database server and prints the URL of its database bot_analytics. The server runs until Ctrl-C, SIGTERM or the end of
stdin; with a COMMAND, until that ends, which gets the URL as DATABASE_URL.

  --kind   the kind of server, mysql by default
  --name   the name of the data folder, "demo" by default
  --keep   keep the data for the next start under that name
`
const database = "bot_analytics"

class UsageError extends Data.TaggedError("UsageError")<{ readonly message: string }> {}
class CommandNotRun extends Data.TaggedError("CommandNotRun")<{ readonly message: string }> {}

const options = Effect.try({
  try: () => {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        kind: { type: "string", default: "mysql" },
        name: { type: "string", default: "demo" },
        keep: { type: "boolean", default: false },
        help: { type: "boolean", default: false }
      }
    })
    const { kind, name, keep, help } = values
    if (kind !== "mysql" && kind !== "mariadb") throw new Error(`There is no kind "${kind}".`)
    if (positionals.length > 0 && !process.argv.includes("--")) throw new Error("A command comes after --.")
    return { kind, name, keep, help, command: positionals } as const
  },
  catch: (error) => new UsageError({ message: `${error instanceof Error ? error.message : String(error)}\n\n${usage}` })
})

// Nobody closes a terminal-less stdin such as /dev/null on purpose: it is at its end from the beginning.
const stdinCloses = Effect.async<void>((resume) => {
  const stdin = fstatSync(0)
  if (!process.stdin.isTTY && !stdin.isFIFO() && !stdin.isSocket()) return
  process.stdin.on("end", () => resume(Effect.void)).on("error", () => resume(Effect.void))
  process.stdin.resume()
})

const serve = (server: DatabaseServer) =>
  Effect.gen(function* () {
    const url = yield* server.createDatabase(database)
    process.stdout.write(`${url}\n`)
    process.stderr.write(`database: ${server.kind} ${server.version} is running, Ctrl-C stops it\n`)
    yield* stdinCloses
  })

/** Runs the command to its end, whatever signals come: they are passed on, and Ctrl-C reaches it by itself. */
const runCommand = (server: DatabaseServer, [program = "", ...args]: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const url = yield* server.createDatabase(database)
    return yield* Effect.async<number, CommandNotRun>((resume) => {
      const child = spawn(program, args, { stdio: "inherit", env: { ...process.env, DATABASE_URL: url } })
      const forward = (signal: NodeJS.Signals) => child.kill(signal)
      process.on("SIGTERM", forward)
      const done = (result: Effect.Effect<number, CommandNotRun>) => {
        process.off("SIGTERM", forward)
        resume(result)
      }
      child.on("error", (error) => done(Effect.fail(new CommandNotRun({ message: `${program}: ${error.message}` }))))
      child.on("exit", (code, signal) =>
        done(Effect.succeed(signal === null ? (code ?? 1) : 128 + constants.signals[signal]))
      )
    })
  }).pipe(Effect.uninterruptible)

let exitCode = 0

const main = Effect.gen(function* () {
  const { kind, name, keep, help, command } = yield* options
  if (help) {
    process.stdout.write(usage)
    return
  }
  const server = yield* startServer({ kind, name, keep })
  if (command.length === 0) yield* serve(server)
  else exitCode = yield* runCommand(server, command)
}).pipe(
  Effect.scoped,
  Effect.catchAll((error) =>
    Effect.sync(() => {
      process.stderr.write(`${error.message}\n`)
      exitCode = 1
    })
  )
)

NodeRuntime.runMain(main, {
  teardown: (exit, onExit) => defaultTeardown(exit, (code) => onExit(code === 0 ? exitCode : code))
})
