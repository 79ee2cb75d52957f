import autocannon from "autocannon"
import { type Call, send } from "./Calls.js"
import { paced } from "./Pace.js"
import { spreadOf } from "./Statistics.js"

/** The load, in a process of its own: it takes jobs over IPC, one at a time, and answers with what it saw. */

export interface Job {
  readonly url: string
  readonly call: Call
  readonly connections: number
  /** Requests in all. A count, not a time: then no request is half done, and its work uncounted, when the round ends. */
  readonly amount: number
}

/** Calls in turn, so many a second in all. */
export interface Asking {
  readonly url: string
  readonly calls: ReadonlyArray<Call>
  readonly perSecond: number
  readonly seconds: number
}

export interface Seen {
  readonly requests: number
  readonly seconds: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  readonly longest: number
  /** What went wrong. */
  readonly problems: ReadonlyArray<string>
}

/** Addresses of 10.0.0.0/8, one after another. */
let address = 0
const nextAddress = (): string => {
  address = (address + 1) % 2 ** 24
  return `10.${address >> 16}.${(address >> 8) & 255}.${address & 255}`
}

const fire = ({ amount, call, connections, url }: Job): Promise<Seen> =>
  new Promise((resolve, reject) => {
    const times = new Float64Array(amount)
    const problems = new Map<string, number>()
    const note = (problem: string) => problems.set(problem, (problems.get(problem) ?? 0) + 1)
    let seen = 0
    let last = performance.now()
    const start = last
    const { body, eachFromElsewhere, headers, method, path } = call
    const instance = autocannon(
      {
        url: url + path,
        method,
        connections: Math.min(connections, amount),
        amount,
        timeout: 600,
        bailout: 1,
        headers,
        ...(body === undefined ? {} : { body }),
        ...(eachFromElsewhere === true
          ? {
              requests: [
                {
                  setupRequest: (request: autocannon.Request) => ({
                    ...request,
                    headers: { ...request.headers, "x-forwarded-for": nextAddress() }
                  })
                }
              ]
            }
          : {})
      },
      (error: Error | null) => {
        if (error !== null) return reject(error)
        if (seen !== amount) note(`${amount - seen} requests had no answer`)
        resolve({
          requests: seen,
          seconds: (last - start) / 1000,
          ...spreadOf(times.subarray(0, seen)),
          problems: Array.from(problems, ([problem, count]) => `${count} × ${problem}`)
        })
      }
    )
    instance.on("response", (_client, status, _bytes, time) => {
      last = performance.now()
      if (status !== 200) note(`status ${status}`)
      times[seen++] = time
    })
    instance.on("reqError", (error) => note(error.message))
  })

const ask = async ({ calls, perSecond, seconds, url }: Asking): Promise<Seen> => {
  const times: Array<number> = []
  const problems: Array<string> = []
  const start = performance.now()
  await paced(perSecond, seconds, async (turn) => {
    const call = calls[turn % calls.length] as Call
    const asked = performance.now()
    const { status } = await send(url, call)
    times.push(performance.now() - asked)
    if (status !== 200) problems.push(`${call.path}: status ${status}`)
  })
  return {
    requests: times.length,
    seconds: (performance.now() - start) / 1000,
    ...spreadOf(times),
    problems
  }
}

process.on("message", (job: Job | Asking) => {
  const work = "amount" in job ? fire(job) : ask(job)
  work.then(
    (seen) => process.send?.(seen),
    (error: Error) => process.send?.({ requests: 0, seconds: 0, ...spreadOf([]), problems: [error.message] })
  )
})
