import { setTimeout as sleep } from "node:timers/promises"
import { say } from "../report/Say.js"
import type { ServerProcess } from "../servers/Process.js"
import type { Servers } from "../servers/Servers.js"
import { type Caller, FIGURES } from "./Calls.js"
import type { LoadClient } from "./LoadClient.js"
import { settled } from "./Metrics.js"
import { processorTime } from "./Process.js"
import { eachOf, namesOf, type Paired, paired, rotated } from "./Statistics.js"
import { openWriter, type Writer, type Written } from "./Writer.js"

/** What writers pay for a service that follows the log: the same writes with one and without, by turns. */

/** Nothing reads the log; the service follows it; it does, and is asked for figures, which wait for what was written. */
export const SIDES = ["alone", "followed", "asked"] as const
export type WriterSide = (typeof SIDES)[number]

export interface WriteRound {
  /** Transactions. */
  readonly perSecond: number
  /** Milliseconds that a transaction takes. */
  readonly p50: number
  readonly p99: number
  /** Processor time for each transaction, in microseconds: of the service, where there is one, and of MySQL. */
  readonly serviceCpu: number
  readonly databaseCpu: number
  /** Milliseconds that an answer takes, where any is asked for. */
  readonly answerP50: number
  readonly answerP99: number
}

const COLUMNS = ["perSecond", "p50", "p99", "serviceCpu", "databaseCpu", "answerP50", "answerP99"] as const

interface WriteLoad {
  readonly write: (writer: Writer, seconds: number) => Promise<Written>
  /** How many times as long as others it is measured. */
  readonly length: number
}

const LOADS = {
  "1 at once": { write: (writer, seconds) => writer.write(1, seconds), length: 1 },
  "8 at once": { write: (writer, seconds) => writer.write(8, seconds), length: 1 },
  // Of so few transactions, each hundredth of a second in which processor time is counted is many microseconds.
  "200 a second": { write: (writer, seconds) => writer.pace(200, seconds), length: 4 }
} satisfies Record<string, WriteLoad>
export type WriteLoadName = keyof typeof LOADS

export interface LoadResult extends Paired<WriterSide, WriteRound> {
  readonly load: WriteLoadName
}

export interface WritersResult {
  readonly loads: ReadonlyArray<LoadResult>
  readonly errors: ReadonlyArray<string>
}

/** Answers a second. */
const ASKED = 20

/** So long after the last transaction, what it left to do still counts. */
const AFTERWARDS = 500

export interface WritersOptions {
  readonly servers: Servers
  readonly databaseUrl: string
  readonly databasePid: number
  readonly load: LoadClient
  readonly caller: Caller
  readonly rounds: number
  readonly seconds: number
}

export const measureWriters = async (options: WritersOptions): Promise<WritersResult> => {
  const { caller, databasePid, databaseUrl, load, servers } = options
  const names = namesOf(LOADS)
  const calls = FIGURES.map(({ call }) => call(caller))
  const errors: Array<string> = []
  const rounds = eachOf(names, () => eachOf(SIDES, (): Array<WriteRound> => []))
  const writer = await openWriter(databaseUrl)

  const measure = async (name: WriteLoadName, service: ServerProcess | undefined, isAsked: boolean) => {
    const { length, write }: WriteLoad = LOADS[name]
    const seconds = options.seconds * length
    const used = () => ({
      service: service === undefined ? Number.NaN : processorTime(service.pid),
      database: processorTime(databasePid)
    })
    const before = used()
    const [written, answers] = await Promise.all([
      write(writer, seconds),
      service !== undefined && isAsked ? load.ask({ url: service.url, calls, perSecond: ASKED, seconds }) : undefined
    ])
    await sleep(AFTERWARDS)
    const after = used()
    errors.push(...written.errors, ...(answers?.problems ?? []))
    const { p50, p99, transactions } = written
    const micros = (until: number, from: number) => ((until - from) * 1e6) / transactions
    return {
      perSecond: transactions / written.seconds,
      p50,
      p99,
      serviceCpu: micros(after.service, before.service),
      databaseCpu: micros(after.database, before.database),
      answerP50: answers?.p50 ?? Number.NaN,
      answerP99: answers?.p99 ?? Number.NaN
    }
  }

  const takeTurn = async (side: WriterSide): Promise<void> => {
    const service = side === "alone" ? undefined : await servers.startService(databaseUrl)
    if (service !== undefined) await settled(service.url)
    await writer.write(8, options.seconds / 2)
    for (const name of names) rounds[name][side].push(await measure(name, service, side === "asked"))
    await service?.stop()
    await writer.cleanUp()
  }

  try {
    for (let round = 0; round < options.rounds; round++) {
      say(`writers: round ${round + 1} of ${options.rounds}`)
      for (const side of rotated(SIDES, round)) await takeTurn(side)
    }
  } finally {
    await writer.cleanUp()
    await writer.end()
  }
  return { loads: names.map((name) => ({ load: name, ...paired(rounds[name], "alone", COLUMNS) })), errors }
}
