import type { FilledDatabase } from "../fill/Filled.js"
import { timed } from "../report/Say.js"
import type { ServerProcess } from "../servers/Process.js"
import { type Caller, type Route, send } from "./Calls.js"
import { compare } from "./Same.js"
import { median } from "./Statistics.js"
import { openWriter } from "./Writer.js"

/** Eight writers at once on one bot, while its dashboard is read: nobody may fail, and in the end all must add up. */

export interface BusyResult {
  readonly seconds: number
  readonly writes: number
  readonly reads: number
  /** Median latency of a read, in milliseconds. */
  readonly readP50: number
  readonly errors: ReadonlyArray<string>
}

const WRITERS = 8
const READERS = 2
const READ = new Set(["analytics-year", "analytics-month", "summary", "payments"])

export const measureBusy = async (
  { url }: FilledDatabase,
  service: ServerProcess,
  plain: ServerProcess,
  caller: Caller,
  routes: ReadonlyArray<Route>,
  seconds: number
): Promise<BusyResult> => {
  const calls = routes.filter(({ name }) => READ.has(name)).map(({ call }) => call(caller))
  const errors: Array<string> = []
  const times: Array<number> = []
  let writing = true
  const read = async () => {
    while (writing) {
      for (const call of calls) {
        const start = performance.now()
        const { status, text } = await send(service.url, call)
        times.push(performance.now() - start)
        if (status !== 200) errors.push(`${call.path}: ${status} ${text}`)
        if (!writing) return
      }
    }
  }
  const writer = await openWriter(url)
  try {
    const readers = Array.from({ length: READERS }, read)
    const written = await timed(`busy: ${WRITERS} writers, ${READERS} readers, ${seconds} s`, () =>
      writer.write(WRITERS, seconds)
    )
    writing = false
    await Promise.all(readers)
    for (const call of calls) await compare(service.url, plain.url, call)
    return {
      seconds,
      writes: written.transactions,
      reads: times.length,
      readP50: median(times),
      errors: [...written.errors, ...errors]
    }
  } finally {
    writing = false
    await writer.cleanUp()
    await writer.end()
  }
}
