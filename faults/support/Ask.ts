import { Agent, request } from "node:http"

/** Asks over node's own client, with connections that are kept, and notes what comes of each request. */

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  readonly text: string
}

/** A request to make; the name says which in what is told of it. */
export interface Asked {
  readonly name: string
  readonly method: "GET" | "POST"
  readonly path: string
  readonly headers: () => Record<string, string>
  readonly body?: () => string
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

export const ask = (url: string, question: Asked, agent?: Agent): Promise<Reply> => {
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
