import { bareCopy, triggerCount } from "../fill/Bare.js"
import { connectTo, type FilledDatabase } from "../fill/Filled.js"
import { say } from "../report/Say.js"
import { median, medianRatio, rotated } from "./Statistics.js"
import { openWriter } from "./Writer.js"

/** What a writer pays for the service's triggers: the same writes with them and without, by turns. */

export interface WriterRates {
  readonly writers: number
  /** Transactions a second, round by round. */
  readonly withTriggers: ReadonlyArray<number>
  readonly without: ReadonlyArray<number>
  /** Medians, and the median of each round's with ÷ without. */
  readonly medians: { readonly withTriggers: number; readonly without: number }
  readonly ratio: number
}

export interface WritersResult {
  readonly triggers: number
  readonly rates: ReadonlyArray<WriterRates>
  readonly errors: ReadonlyArray<string>
}

const NUMBERS = [1, 8] as const

/** In each round the sides take turns so often: a commit waits for the disk, whose moods are short. */
const TURNS = 10

const SIDES = ["withTriggers", "without"] as const
type Side = (typeof SIDES)[number]

export const measureWriters = async (
  { name, url }: FilledDatabase,
  rounds: number,
  seconds: number
): Promise<WritersResult> => {
  const connection = await connectTo(url)
  const triggers = await triggerCount(connection, name)
  if (triggers === 0) say("writers: the service has no triggers on the bots' tables; both sides are the same")
  const copy = await bareCopy(connection, name)
  const sides = {
    withTriggers: await openWriter(url),
    without: await openWriter(url.replace(name, copy))
  }
  const errors: Array<string> = []
  const rates: Array<WriterRates> = []
  try {
    for (const writers of NUMBERS) {
      say(`writers: ${writers} at once`)
      const measured: Record<Side, Array<number>> = { withTriggers: [], without: [] }
      for (const side of SIDES) await sides[side].write(writers, seconds / 2)
      for (let round = 0; round < rounds; round++) {
        const sums = { withTriggers: { transactions: 0, seconds: 0 }, without: { transactions: 0, seconds: 0 } }
        for (let turn = 0; turn < TURNS; turn++) {
          for (const side of rotated(SIDES, turn)) {
            const written = await sides[side].write(writers, seconds / TURNS)
            sums[side].transactions += written.transactions
            sums[side].seconds += written.seconds
            errors.push(...written.errors)
          }
        }
        for (const side of SIDES) measured[side].push(sums[side].transactions / sums[side].seconds)
      }
      rates.push({
        writers,
        ...measured,
        medians: { withTriggers: median(measured.withTriggers), without: median(measured.without) },
        ratio: medianRatio(measured.withTriggers, measured.without)
      })
    }
  } finally {
    await sides.withTriggers.cleanUp()
    await Promise.all([sides.withTriggers.end(), sides.without.end()])
    await connection.query(`DROP DATABASE ${copy}`)
    await connection.end()
  }
  return { triggers, rates, errors }
}
