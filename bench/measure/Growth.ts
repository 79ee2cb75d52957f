import { isDeepStrictEqual } from "node:util"
import { say } from "../report/Say.js"
import type { Size } from "../Sizes.js"
import type { ServerProcess } from "../servers/Process.js"
import { type Call, type Caller, get, type Route, send } from "./Calls.js"
import type { LoadClient } from "./LoadClient.js"
import { LISTS, lastPage } from "./Same.js"
import { median, rotated } from "./Statistics.js"

/**
 * How long one request takes, nobody else asking, at each size. A round goes over all sizes and both servers, so that a
 * slow moment of the machine does not fall on one size alone.
 */

const MOST_REQUESTS = 100

/** What has taken so long in all is not measured again: a minute's answer does not get truer by asking seven times. */
const ENOUGH_MILLIS = 30_000

export type GrowthServer = "service" | "plain"

export interface Subject {
  readonly size: Size
  readonly caller: Caller
  readonly service: ServerProcess
  readonly plain: ServerProcess
}

export interface GrowthFigures {
  readonly route: string
  readonly server: GrowthServer
  readonly size: Size
  /** Median latency of each round, in milliseconds. */
  readonly rounds: ReadonlyArray<number>
  readonly p50: number
}

export interface Growth {
  readonly figures: ReadonlyArray<GrowthFigures>
  /** What could not be measured, and why. */
  readonly notes: ReadonlyArray<string>
}

export interface GrowthOptions {
  readonly rounds: number
  /** About so long a server is asked for one thing in one round. */
  readonly millis: number
}

interface Cell {
  readonly route: string
  readonly server: GrowthServer
  readonly size: Size
  readonly url: string
  readonly call: Call
  readonly rounds: Array<number>
  amount: number
  spent: number
}

const rowsOf = (text: string, list: string): unknown => (JSON.parse(text) as Readonly<Record<string, unknown>>)[list]

/**
 * The call for the last page by cursor: the page before it says where it begins. Its rows must be those of the last page by
 * number.
 */
const lastPageByCursor = async (url: string, list: string, path: string, caller: Caller): Promise<Call | undefined> => {
  const { call: byNumber, page } = await lastPage(url, path, caller)
  const { text } = await send(url, get(`${path}&page=${page - 1}`, caller))
  const { next_cursor } = JSON.parse(text) as { next_cursor?: string | null }
  if (typeof next_cursor !== "string") return undefined
  const byCursor = get(`${path}&cursor=${encodeURIComponent(next_cursor)}`, caller)
  const [one, other] = await Promise.all([send(url, byNumber), send(url, byCursor)])
  if (!isDeepStrictEqual(rowsOf(one.text, list), rowsOf(other.text, list))) {
    throw new Error(`${path}: the last page by cursor is not that by number`)
  }
  return byCursor
}

const makeCells = async (
  routes: ReadonlyArray<Route>,
  { caller, plain, service, size }: Subject,
  notes: Set<string>
): Promise<ReadonlyArray<Cell>> => {
  const cell = (route: string, server: GrowthServer, call: Call): Cell => {
    const { url } = server === "service" ? service : plain
    return { route, server, size, url, call, rounds: [], amount: 1, spent: 0 }
  }
  const cells: Array<Cell> = []
  for (const { call, name } of routes) {
    const one = call(caller)
    if (one.method === "GET") cells.push(cell(name, "service", one), cell(name, "plain", one))
  }
  for (const [list, path] of Object.entries(LISTS)) {
    if (!routes.some(({ name }) => name === list)) continue
    const { call } = await lastPage(service.url, path, caller)
    cells.push(cell(`${list}, last page`, "service", call), cell(`${list}, last page`, "plain", call))
    const byCursor = await lastPageByCursor(service.url, list, path, caller)
    if (byCursor === undefined)
      notes.add(`${list}: the answers have no next_cursor, so no page was asked for by cursor`)
    else cells.push(cell(`${list}, last page by cursor`, "service", byCursor))
  }
  return cells
}

const measureCell = async (cell: Cell, load: LoadClient): Promise<void> => {
  if (cell.spent > ENOUGH_MILLIS) return
  const { amount, call, url } = cell
  const { p50, seconds } = await load.fire({ url, call, connections: 1, amount })
  cell.rounds.push(p50)
  cell.spent += seconds * 1000
}

/** Asks until the server is warm, and finds how many requests fill a round. */
const warmUp = async (cell: Cell, load: LoadClient, millis: number): Promise<void> => {
  const { call, url } = cell
  for (let amount = 1; ; amount *= 4) {
    const { p50, seconds } = await load.fire({ url, call, connections: 1, amount })
    cell.amount = Math.min(MOST_REQUESTS, Math.max(1, Math.round(millis / p50)))
    if (seconds * 1000 > millis) return
  }
}

export const measureGrowth = async (
  routes: ReadonlyArray<Route>,
  subjects: ReadonlyArray<Subject>,
  load: LoadClient,
  { millis, rounds }: GrowthOptions
): Promise<Growth> => {
  const notes = new Set<string>()
  const bySize: Array<ReadonlyArray<Cell>> = []
  for (const subject of subjects) bySize.push(await makeCells(routes, subject, notes))
  say("growth: warming up")
  for (const cell of bySize.flat()) await warmUp(cell, load, millis)
  // One thing asked for, at every size and of both servers, before the next: pairs lie close together in time.
  const names = [...new Set(bySize.flat().map(({ route }) => route))]
  for (let round = 0; round < rounds; round++) {
    say(`growth: round ${round + 1} of ${rounds}`)
    for (const name of names) {
      for (const cells of rotated(bySize, round)) {
        const pair = cells.filter(({ route }) => route === name)
        for (const cell of rotated(pair, round)) await measureCell(cell, load)
      }
    }
  }
  return {
    figures: bySize
      .flat()
      .map(({ rounds, route, server, size }) => ({ route, server, size, rounds, p50: median(rounds) })),
    notes: [...notes]
  }
}
