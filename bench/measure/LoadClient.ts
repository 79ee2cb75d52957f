import { fork } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import type { Asking, Job, Seen } from "./Load.js"

const program = fileURLToPath(new URL("./Load.ts", import.meta.url))

export interface LoadClient {
  /** Sends the requests of a job; fails where a single answer was not 200. */
  readonly fire: (job: Job) => Promise<Seen>
  /** Asks for as long as it is told, and tells which answers were not 200. */
  readonly ask: (asking: Asking) => Promise<Seen>
  readonly stop: () => void
}

export const startLoad = (): LoadClient => {
  const child = fork(program, { execArgv: ["--import", "tsx"] })
  process.once("exit", () => child.kill("SIGKILL"))
  const run = async (job: Job | Asking): Promise<Seen> => {
    child.send(job)
    const [seen] = (await once(child, "message")) as [Seen]
    return seen
  }
  return {
    ask: run,
    fire: async (job) => {
      const seen = await run(job)
      if (seen.problems.length > 0) {
        throw new Error(`${job.call.method} ${job.url}${job.call.path}: ${seen.problems.join(", ")}`)
      }
      return seen
    },
    stop: () => void child.disconnect()
  }
}
