import { Agent, request } from "node:http"
import type { Question } from "./Questions.js"
import { Tally } from "./Tally.js"
import { sleep } from "./Wait.js"

/** Asks over node's own client, with connections that are kept, and notes what comes of each request. */

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  readonly text: string
}

export interface Reply {
  readonly question: string
  readonly startedAt: number
  readonly endedAt: number
  /** What came, or what went wrong with the connection. */
  readonly answer: Answer | Error
}

/** Longer than the service may take for anything. */
const NO_ANSWER_MILLIS = 20_000

export const keptAlive = (): Agent => new Agent({ keepAlive: true, maxSockets: 1 })

export const ask = (
  url: string,
  question: Pick<Question, "name" | "method" | "path" | "headers" | "body">,
  agent?: Agent
): Promise<Reply> => {
  const startedAt = performance.now()
  return new Promise<Answer | Error>((resolve) => {
    const sent = request(url + question.path, {
      method: question.method,
      headers: question.headers(),
      ...(agent === undefined ? { agent: false } : { agent })
    })
    const timer = setTimeout(() => sent.destroy(new Error("no answer in time")), NO_ANSWER_MILLIS)
    const finish = (outcome: Answer | Error) => {
      clearTimeout(timer)
      resolve(outcome)
    }
    sent.on("error", (error) => {
      const kind = sent.reusedSocket ? "kept" : "new"
      finish(new Error(`${error.message} on a ${kind} connection, ${sent.socket?.bytesWritten ?? 0} bytes sent`))
    })
    sent.on("response", (response) => {
      const chunks: Array<Buffer> = []
      response.on("data", (chunk) => chunks.push(chunk))
      response.on("error", finish)
      response.on("end", () =>
        finish({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString()
        })
      )
    })
    sent.end(question.body?.())
  }).then((answer) => ({ question: question.name, startedAt, endedAt: performance.now(), answer }))
}

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
