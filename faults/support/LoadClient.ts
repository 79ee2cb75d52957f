import { ask, keptAlive } from "./Ask.js"
import type { Question } from "./Questions.js"
import { Tally } from "./Tally.js"
import { sleep } from "./Wait.js"

/** Clients that ask all the time, or all at once. */

export interface Load {
  readonly tally: Tally
  readonly stop: () => Promise<Tally>
}

export interface LoadOptions {
  readonly clients: number
  /** Milliseconds that a client waits after each answer. */
  readonly pause?: number
  /** A client that is refused a connection goes away. */
  readonly untilRefused?: boolean
}

/** So many clients ask one question after the other, until told to stop. */
export const startLoad = (url: string, questions: ReadonlyArray<Question>, options: LoadOptions): Load => {
  const tally = new Tally(questions)
  let stopped = false
  const work = async (client: number) => {
    const agent = keptAlive()
    for (let turn = client; !stopped; turn++) {
      const question = questions[turn % questions.length]
      if (question === undefined) break
      const reply = await ask(url, question, agent)
      if (options.untilRefused && reply.answer instanceof Error && /ECONNREFUSED/.test(String(reply.answer))) break
      tally.add(reply)
      await sleep(options.pause ?? 5)
    }
    agent.destroy()
  }
  const done = Promise.all(Array.from({ length: options.clients }, (_, client) => work(client)))
  return {
    tally,
    stop: async () => {
      stopped = true
      await done
      return tally
    }
  }
}

/** All at once, each on a connection of its own. */
export const askAtOnce = async (url: string, questions: ReadonlyArray<Question>, count: number): Promise<Tally> => {
  const tally = new Tally(questions)
  const some = Array.from({ length: count }, (_, index) => questions[index % questions.length]).filter(
    (question) => question !== undefined
  )
  await Promise.all(some.map(async (question) => tally.add(await ask(url, question))))
  return tally
}
