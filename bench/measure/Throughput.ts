import { say } from "../report/Say.js"
import type { ServerProcess } from "../servers/Process.js"
import type { Caller, Route } from "./Calls.js"
import type { LoadClient } from "./LoadClient.js"
import { processorTime } from "./Process.js"
import { eachOf, namesOf, type Paired, paired, rotated } from "./Statistics.js"

/** Requests a second and processor time of each server, in rounds that alternate between them. */

export const CONNECTIONS = 8

/**
 * Before a route is measured, each server answers so many requests to it, or as many as it can in so long a time: V8 goes on
 * compiling for some ten thousand, and first rounds took up to twice the time of the next.
 */
const WARM_REQUESTS = 20_000
const WARM_SECONDS = 8

export type ServerName = "service" | "plain" | "floor"

/** This build of the service, and another. */
export type BuildName = "service" | "other"

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

const FIGURES = ["requests", "perSecond", "p50", "p99", "serverCpu", "databaseCpu"] as const

export interface RouteThroughput<Server extends string> extends Paired<Server, Round> {
  readonly route: string
}

export interface ThroughputOptions<Server extends string> {
  readonly servers: Readonly<Record<Server, ServerProcess>>
  /** The server that the others are compared with. */
  readonly base: NoInfer<Server>
  readonly databasePid: number
  readonly load: LoadClient
  readonly caller: Caller
  readonly rounds: number
  /** About so long a round takes. */
  readonly seconds: number
}

const measureRoute = async <Server extends string>(
  route: Route,
  options: ThroughputOptions<Server>
): Promise<RouteThroughput<Server>> => {
  const { base, caller, databasePid, load, servers } = options
  const names = namesOf(servers)
  const call = route.call(caller)

  const fire = async (name: Server, amount: number): Promise<Round> => {
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
  const amountOf = async (name: Server): Promise<number> => {
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

  const amounts = eachOf(names, () => 0)
  for (const name of names) amounts[name] = await amountOf(name)
  const rounds = eachOf(names, (): Array<Round> => [])
  for (let round = 0; round < options.rounds; round++) {
    for (const name of rotated(names, round)) rounds[name].push(await fire(name, amounts[name]))
  }
  return { route: route.name, ...paired(rounds, base, FIGURES) }
}

export const measureThroughput = async <Server extends string>(
  routes: ReadonlyArray<Route>,
  options: ThroughputOptions<Server>
): Promise<ReadonlyArray<RouteThroughput<Server>>> => {
  const measured: Array<RouteThroughput<Server>> = []
  for (const route of routes) {
    say(`${namesOf(options.servers).join(", ")}: ${route.name}`)
    measured.push(await measureRoute(route, options))
  }
  return measured
}
