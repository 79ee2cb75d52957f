import { say } from "../report/Say.js"
import type { ServerProcess } from "../servers/Process.js"
import type { Caller, Route } from "./Calls.js"
import type { LoadClient } from "./LoadClient.js"
import { processorTime } from "./Process.js"
import { median, medianRatio, rotated } from "./Statistics.js"

/** Requests a second and processor time of each server, in rounds that alternate between them. */

export const CONNECTIONS = 8

export const SERVERS = ["service", "plain", "floor"] as const
export type ServerName = (typeof SERVERS)[number]

/**
 * Before a route is measured, each server answers so many requests to it, or as many as it can in so long a time: V8 goes on
 * compiling for some ten thousand, and first rounds took up to twice the time of the next.
 */
const WARM_REQUESTS = 20_000
const WARM_SECONDS = 8

export interface Round {
  readonly requests: number
  readonly perSecond: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  /** Processor time for each request, in microseconds. */
  readonly serverCpu: number
  readonly databaseCpu: number
}

export type Figures = Readonly<Record<keyof Round, number>>

export interface RouteThroughput {
  readonly route: string
  /** Medians of the rounds. */
  readonly medians: Readonly<Record<ServerName, Figures>>
  /** Medians of each round's service ÷ plain. */
  readonly ratios: Readonly<Record<keyof Round, number>>
  readonly rounds: Readonly<Record<ServerName, ReadonlyArray<Round>>>
}

export interface ThroughputOptions {
  readonly servers: Readonly<Record<ServerName, ServerProcess>>
  readonly databasePid: number
  readonly load: LoadClient
  readonly caller: Caller
  readonly rounds: number
  /** About so long a round takes. */
  readonly seconds: number
}

const FIGURES = ["requests", "perSecond", "p50", "p99", "serverCpu", "databaseCpu"] as const

const eachFigure = (of: (figure: keyof Round) => number): Figures =>
  Object.fromEntries(FIGURES.map((figure) => [figure, of(figure)])) as Record<keyof Round, number>

const eachServer = <A>(of: (name: ServerName) => A): Record<ServerName, A> =>
  Object.fromEntries(SERVERS.map((name) => [name, of(name)])) as Record<ServerName, A>

const measureRoute = async (route: Route, options: ThroughputOptions): Promise<RouteThroughput> => {
  const { caller, databasePid, load, servers } = options
  const call = route.call(caller)

  const fire = async (name: ServerName, amount: number): Promise<Round> => {
    const { pid, url } = servers[name]
    const before = [processorTime(pid), processorTime(databasePid)] as const
    const { p50, p99, requests, seconds } = await load.fire({ url, call, connections: CONNECTIONS, amount })
    const micros = (until: number, from: number) => ((until - from) * 1e6) / requests
    return {
      requests,
      perSecond: requests / seconds,
      p50,
      p99,
      serverCpu: micros(processorTime(pid), before[0]),
      databaseCpu: micros(processorTime(databasePid), before[1])
    }
  }

  // Whole turns of all connections: otherwise the last requests would run beside idle connections.
  const wholeTurns = (requests: number) => Math.max(1, Math.round(requests / CONNECTIONS)) * CONNECTIONS

  /** How many requests fill a round: found while the server warms up, with more at a time until it is warm. */
  const amountOf = async (name: ServerName): Promise<number> => {
    let warmedUp = 0
    let spent = 0
    for (let amount = CONNECTIONS; ; amount *= 2) {
      const { perSecond, requests } = await fire(name, amount)
      warmedUp += requests
      spent += requests / perSecond
      const isWarm = warmedUp >= WARM_REQUESTS || spent >= WARM_SECONDS
      if (isWarm && requests / perSecond > options.seconds / 4) return wholeTurns(perSecond * options.seconds)
    }
  }

  const amounts = eachServer(() => 0)
  for (const name of SERVERS) amounts[name] = await amountOf(name)
  const rounds = eachServer((): Array<Round> => [])
  for (let round = 0; round < options.rounds; round++) {
    for (const name of rotated(SERVERS, round)) rounds[name].push(await fire(name, amounts[name]))
  }
  const column = (name: ServerName, figure: keyof Round) => rounds[name].map((one) => one[figure])
  return {
    route: route.name,
    medians: eachServer((name) => eachFigure((figure) => median(column(name, figure)))),
    ratios: eachFigure((figure) => medianRatio(column("service", figure), column("plain", figure))),
    rounds
  }
}

export const measureThroughput = async (
  routes: ReadonlyArray<Route>,
  options: ThroughputOptions
): Promise<ReadonlyArray<RouteThroughput>> => {
  const measured: Array<RouteThroughput> = []
  for (const route of routes) {
    say(`throughput: ${route.name}`)
    measured.push(await measureRoute(route, options))
  }
  return measured
}
