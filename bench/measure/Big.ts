import { setTimeout as sleep } from "node:timers/promises"
import { openElsewhere, type WrittenElsewhere } from "../fill/Elsewhere.js"
import { timed } from "../report/Say.js"
import type { ServerProcess } from "../servers/Process.js"
import { type Caller, FIGURES } from "./Calls.js"
import type { LoadClient } from "./LoadClient.js"
import { metricsOf } from "./Metrics.js"
import { openWriter } from "./Writer.js"

/**
 * Somebody else's transaction of a million rows on the same server: it fills the log that the service follows. How long do
 * answers and the bot's own writes take meanwhile, and how long in the same time without it?
 */

export interface BigMinute {
  readonly answers: number
  /** Milliseconds of an answer. */
  readonly p50: number
  readonly p99: number
  readonly longest: number
  /** Answers that came from the bots' rows. */
  readonly fromRows: number
  /** How often answers waited until the log was read, and how many seconds in all. */
  readonly waits: number
  readonly waitSeconds: number
  /** Milliseconds of a write of the bot. */
  readonly writeP50: number
  readonly longestWrite: number
}

export interface BigResult extends WrittenElsewhere {
  readonly rows: number
  /** How long each of both was measured. */
  readonly seconds: number
  readonly without: BigMinute
  readonly beside: BigMinute
  readonly errors: ReadonlyArray<string>
}

const ANSWERS_PER_SECOND = 20
const WRITES_PER_SECOND = 20
const WARM_SECONDS = 3

/** When the transaction begins. */
const BEGIN_SECONDS = 1

export interface BigOptions {
  readonly service: ServerProcess
  readonly databaseUrl: string
  readonly load: LoadClient
  readonly caller: Caller
  readonly rows: number
  readonly seconds: number
}

export const measureBig = async (options: BigOptions): Promise<BigResult> => {
  const { caller, databaseUrl, load, rows, seconds, service } = options
  const calls = FIGURES.map(({ call }) => call(caller))
  const ask = (seconds: number) => load.ask({ url: service.url, calls, perSecond: ANSWERS_PER_SECOND, seconds })
  const errors: Array<string> = []
  const writer = await openWriter(databaseUrl)
  const elsewhere = await openElsewhere(databaseUrl, rows)

  const measure = async (): Promise<BigMinute> => {
    const before = await metricsOf(service.url)
    const [answers, written] = await Promise.all([ask(seconds), writer.pace(WRITES_PER_SECOND, seconds)])
    const after = await metricsOf(service.url)
    const since = (name: string) => (after.get(name) ?? Number.NaN) - (before.get(name) ?? Number.NaN)
    errors.push(...answers.problems, ...written.errors)
    return {
      answers: answers.requests,
      p50: answers.p50,
      p99: answers.p99,
      longest: answers.longest,
      fromRows: since('figures_answers_total{source="rows"}'),
      waits: since("figures_waits_total"),
      waitSeconds: since("figures_wait_seconds_total"),
      writeP50: written.p50,
      longestWrite: written.longest
    }
  }

  const begin = async (): Promise<WrittenElsewhere> => {
    await sleep(BEGIN_SECONDS * 1000)
    return elsewhere.write()
  }

  try {
    await Promise.all([ask(WARM_SECONDS), writer.pace(WRITES_PER_SECOND, WARM_SECONDS)])
    const without = await timed(`big: ${seconds} s of answers and writes`, measure)
    const [beside, big] = await timed(`big: the same beside a transaction of ${rows} rows`, () =>
      Promise.all([measure(), begin()])
    )
    if (BEGIN_SECONDS + big.insertSeconds + big.commitSeconds > seconds) {
      throw new Error(`A transaction of ${rows} rows takes longer than the ${seconds} s that are measured`)
    }
    return { rows, seconds, ...big, without, beside, errors }
  } finally {
    await elsewhere.remove()
    await writer.cleanUp()
    await writer.end()
  }
}
