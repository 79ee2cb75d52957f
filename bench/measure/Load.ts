import autocannon from "autocannon"
import type { Call } from "./Calls.js"

/** The load, in a process of its own: it takes jobs over IPC, one at a time, and answers with what it saw. */

export interface Job {
  readonly url: string
  readonly call: Call
  readonly connections: number
  /** Requests in all. A count, not a time: then no request is half done, and its work uncounted, when the round ends. */
  readonly amount: number
}

export interface Seen {
  readonly requests: number
  readonly seconds: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  /** What went wrong; a run with any is no measurement. */
  readonly problems: ReadonlyArray<string>
}

/** Addresses of 10.0.0.0/8, one after another. */
let address = 0
const nextAddress = (): string => {
  address = (address + 1) % 2 ** 24
  return `10.${address >> 16}.${(address >> 8) & 255}.${address & 255}`
}

const quantile = (sorted: Float64Array, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN

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
        const sorted = times.subarray(0, seen).sort()
        resolve({
          requests: seen,
          seconds: (last - start) / 1000,
          p50: quantile(sorted, 0.5),
          p99: quantile(sorted, 0.99),
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

process.on("message", (job: Job) => {
  fire(job).then(
    (seen) => process.send?.(seen),
    (error: Error) => process.send?.({ requests: 0, seconds: 0, p50: 0, p99: 0, problems: [error.message] })
  )
})
