import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { readdirSync } from "node:fs"
import { fileURLToPath } from "node:url"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { alive, parentOf, signal } from "../../database/Processes.js"

/** The demo as somebody starts it: a real process, with what it says and all that it starts. */
export interface DemoProcess {
  readonly pid: number
  /** What it has said so far, on both streams. */
  readonly said: () => string
  /** Waits until it says this; dies where it ends before. */
  readonly saying: (text: string) => Effect.Effect<void>
  /** Its exit code, or the signal that ended it. */
  readonly ended: Effect.Effect<number | NodeJS.Signals>
  /** Itself and the processes under it that run now. */
  readonly processes: Effect.Effect<ReadonlyArray<number>>
}

const root = fileURLToPath(new URL("../../..", import.meta.url))

export const script: ReadonlyArray<string> = [process.execPath, "--import", "tsx", "tools/demo/main.ts"]
export const npm: ReadonlyArray<string> = ["npm", "run", "demo"]
/** npm in a terminal of its own, which ends with this process. */
export const terminal: ReadonlyArray<string> =
  process.platform === "linux"
    ? ["script", "--quiet", "--command", npm.join(" "), "/dev/null"]
    : ["script", "-q", "/dev/null", ...npm]

const everyProcess = (): ReadonlyArray<number> =>
  process.platform === "linux"
    ? readdirSync("/proc")
        .filter((name) => /^\d+$/.test(name))
        .map(Number)
    : execFileSync("ps", ["-A", "-o", "pid="], { encoding: "utf8" }).trim().split(/\s+/).map(Number)

const withDescendants = (pid: number): ReadonlyArray<number> => {
  const parents = new Map(everyProcess().map((one) => [one, parentOf(one)]))
  const under = (parent: number): ReadonlyArray<number> =>
    [...parents].flatMap(([one, its]) => (its === parent ? [one, ...under(one)] : []))
  return [pid, ...under(pid)]
}

const untilTrue = (condition: () => boolean) =>
  Effect.sync(condition).pipe(
    Effect.tap((met) => (met ? Effect.void : Effect.sleep("20 millis"))),
    Effect.repeat({ until: (met) => met }),
    Effect.asVoid
  )

const endOf = (child: ChildProcess): number | NodeJS.Signals | null => child.exitCode ?? child.signalCode

/** Starts the demo with these variables; what is left of it at the end of the scope is killed. */
export const startDemo = (
  [program = "", ...args]: ReadonlyArray<string>,
  variables: Readonly<Record<string, string>>
): Effect.Effect<DemoProcess, never, Scope.Scope> =>
  Effect.gen(function* () {
    let said = ""
    const { DATABASE_URL: _, ...environment } = process.env
    const child = yield* Effect.acquireRelease(
      Effect.sync(() =>
        spawn(program, args, { cwd: root, env: { ...environment, ...variables }, stdio: ["ignore", "pipe", "pipe"] })
      ),
      (child) =>
        Effect.sync(() => {
          if (child.pid !== undefined && endOf(child) === null) {
            for (const pid of withDescendants(child.pid)) signal(pid, "SIGKILL")
          }
        })
    )
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        said += text
      })
    }
    const pid = child.pid ?? Number.NaN
    return {
      pid,
      said: () => said,
      saying: (text) =>
        untilTrue(() => said.includes(text) || endOf(child) !== null).pipe(
          Effect.filterOrDieMessage(() => said.includes(text), `The demo ended without "${text}"`),
          Effect.asVoid
        ),
      ended: Effect.as(
        untilTrue(() => endOf(child) !== null && child.stdout.readableEnded && child.stderr.readableEnded),
        null
      ).pipe(Effect.map(() => endOf(child) ?? 0)),
      processes: Effect.sync(() => withDescendants(pid).filter(alive))
    }
  })

/** Those of these processes that are still there after so long. */
export const leftOf = (pids: ReadonlyArray<number>, seconds: number) =>
  untilTrue(() => !pids.some(alive)).pipe(
    Effect.timeout(`${seconds} seconds`),
    Effect.ignore,
    Effect.map(() => pids.filter(alive))
  )
