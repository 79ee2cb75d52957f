import { setTimeout as sleep } from "node:timers/promises"
import { say } from "../report/Say.js"
import type { Servers } from "../servers/Servers.js"
import { residentMemory } from "./Process.js"
import { median } from "./Statistics.js"

/** How soon the service answers after its start, and the memory that it takes when nobody asks. */

export interface StartResult {
  /** Seconds from the start of the process to the first 200 of /readyz, of each start. */
  readonly seconds: ReadonlyArray<number>
  readonly medianSeconds: number
  /** Megabytes (10^6), 5 seconds later. */
  readonly memory: ReadonlyArray<number>
  readonly medianMemory: number
}

const REST = 5000

export const measureStart = async (servers: Servers, databaseUrl: string, starts: number): Promise<StartResult> => {
  say(`start: ${starts} times`)
  const seconds: Array<number> = []
  const memory: Array<number> = []
  for (let start = 0; start < starts; start++) {
    const { pid, readyAfter, stop } = await servers.startServiceTimed(databaseUrl)
    await sleep(REST)
    seconds.push(readyAfter)
    memory.push(residentMemory(pid))
    await stop()
  }
  return { seconds, medianSeconds: median(seconds), memory, medianMemory: median(memory) }
}
