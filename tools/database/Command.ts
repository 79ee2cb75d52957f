import { spawn } from "node:child_process"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"

/** A program that could not be run or ended with another code than 0; `output` is the end of what it wrote. */
export class CommandFailed extends Data.TaggedError("CommandFailed")<{
  readonly message: string
  readonly output: string
}> {}

export interface CommandOptions {
  readonly input?: string
  readonly environment?: Readonly<Record<string, string>>
}

/** The last lines of a long text. */
export const tail = (text: string, lines = 15): string => text.trimEnd().split("\n").slice(-lines).join("\n")

/** Runs a program to its end and gives its stdout. The program is killed when the fiber is interrupted. */
export const run = (program: string, args: ReadonlyArray<string>, options: CommandOptions = {}) =>
  Effect.async<string, CommandFailed>((resume) => {
    // A fixed language, since some of the output is parsed.
    const env = { ...process.env, LC_ALL: "C", ...options.environment }
    const child = spawn(program, args, { env, stdio: ["pipe", "pipe", "pipe"] })
    let stdout = ""
    let output = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text
      output += text
    })
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      output += text
    })
    // A program that ends before it has read all its input says why through its exit code.
    child.stdin.on("error", () => {})
    child.stdin.end(options.input ?? "")
    const fail = (reason: string) =>
      resume(Effect.fail(new CommandFailed({ message: `${program} ${reason}`, output: tail(output) })))
    child.on("error", (error) => fail(`could not be run: ${error.message}`))
    child.on("close", (code, signal) =>
      code === 0 ? resume(Effect.succeed(stdout)) : fail(`ended with ${signal ?? `code ${code}`}`)
    )
    return Effect.sync(() => {
      child.kill("SIGKILL")
    })
  })
