import { type ChildProcess, spawn } from "node:child_process"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { isFree } from "../database/Connection.js"
import { DemoRefused } from "./Errors.js"

/** The service as its own process, started as an operator would start it. */
export class ServiceEnded extends Data.TaggedError("ServiceEnded")<{ readonly message: string }> {}

const READY_WITHIN = "2 minutes"

const stop = (child: ChildProcess) =>
  Effect.async<void>((resume) => {
    if (child.exitCode !== null || child.signalCode !== null) return resume(Effect.void)
    child.once("exit", () => resume(Effect.void))
    child.kill("SIGTERM")
  })

const ended = (child: ChildProcess) =>
  Effect.async<never, ServiceEnded>((resume) => {
    child.once("exit", (code, signal) =>
      resume(
        Effect.fail(new ServiceEnded({ message: `The service ended by itself (${signal ?? `exit code ${code}`})` }))
      )
    )
  })

const answers = (url: string) =>
  Effect.tryPromise(async () => {
    const response = await fetch(`${url}/readyz`)
    if (!response.ok) throw new Error(`readyz answers ${response.status}`)
  }).pipe(Effect.retry(Schedule.spaced("100 millis")))

/** Asked before anything else: what answers there would be taken for the service. */
export const portIsFree = (port: number) =>
  isFree(port).pipe(
    Effect.filterOrFail(
      (free) => free,
      () => new DemoRefused({ message: `Port ${port} is in use; PORT=${port + 1} npm run demo takes another.` })
    )
  )

const late = new ServiceEnded({ message: `The service is not ready within ${READY_WITHIN}; its log above says why` })

const endWithParent = new URL("./endWithParent.mjs", import.meta.url).href

/** Starts the service with these variables, and waits until it is ready. `ended` fails when it ends by itself. */
export const startService = (variables: Readonly<Record<string, string>>, url: string) =>
  Effect.gen(function* () {
    const child = yield* Effect.acquireRelease(
      Effect.sync(() =>
        spawn(process.execPath, ["--import", "tsx", "--import", endWithParent, "src/main.ts"], {
          cwd: new URL("../..", import.meta.url),
          env: { ...process.env, ...variables },
          // Nothing is written to its stdin, which closes with this process.
          stdio: ["pipe", "inherit", "inherit"],
          // A group of its own: Ctrl-C reaches us alone, and we stop things in order.
          detached: true
        })
      ),
      stop
    )
    const end = ended(child)
    const ready = Effect.timeoutFail(Effect.orDie(answers(url)), { duration: READY_WITHIN, onTimeout: () => late })
    yield* Effect.raceFirst(ready, end)
    return { ended: end }
  })
