import { parseArgs } from "node:util"
import { type Route, routesNamed } from "./measure/Calls.js"
import { parseSize, type Size } from "./Sizes.js"

export const usage = `Usage: npm run bench -- [options]

Compares this service with a plain Fastify + mysql2 server and with a floor, on a private MySQL server.

  --quick            smaller sizes and shorter rounds: a smoke run of about three minutes
  --sizes LIST       payments of the measured bot: 10k,100k,1m by default; 10m takes a while to fill
  --only LIST        of throughput, growth, writers, start
  --routes LIST      routes by name or by the start of it: bots,users
  --rounds N         rounds of each measurement (7; --quick: 3)
  --seconds N        about so long a round of throughput or writing takes (2.5; --quick: 0.5)
  --fresh            fills the databases anew
  --name NAME        the data folder's name, "bench" by default: two runs at once need two
  --dist FOLDER      measures the service built there, instead of building this tree's
  --results FOLDER   writes results.json and growth.svg there (bench/results; with --quick or --only: nowhere)
  --strict           exit code 1 when a target is missed
`

export const PARTS = ["throughput", "growth", "writers", "start"] as const
export type Part = (typeof PARTS)[number]

export interface Options {
  readonly sizes: ReadonlyArray<Size>
  readonly parts: ReadonlyArray<Part>
  readonly routes: ReadonlyArray<Route>
  readonly rounds: number
  readonly seconds: number
  readonly quick: boolean
  readonly fresh: boolean
  readonly name: string
  readonly dist: string | undefined
  /** Where results are written, if anywhere. */
  readonly results: string | undefined
  readonly strict: boolean
}

const list = (text: string): ReadonlyArray<string> => text.split(",").map((item) => item.trim())

const positive = (name: string, text: string): number => {
  const value = Number(text)
  if (!(value > 0)) throw new Error(`--${name} must be a number above 0`)
  return value
}

const parsePart = (text: string): Part => {
  const part = PARTS.find((known) => known === text)
  if (part === undefined) throw new Error(`--only knows ${PARTS.join(", ")}`)
  return part
}

/** The options of the command line; `undefined` where help was asked for. Throws where one is wrong. */
export const parseOptions = (args: ReadonlyArray<string>): Options | undefined => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      sizes: { type: "string" },
      only: { type: "string" },
      routes: { type: "string" },
      rounds: { type: "string" },
      seconds: { type: "string" },
      fresh: { type: "boolean", default: false },
      name: { type: "string", default: "bench" },
      dist: { type: "string" },
      results: { type: "string" },
      strict: { type: "boolean", default: false },
      help: { type: "boolean", default: false }
    }
  })
  if (values.help) return undefined
  const { dist, fresh, name, only, quick, strict } = values
  const isWhole = !quick && only === undefined && values.routes === undefined
  return {
    sizes: list(values.sizes ?? (quick ? "10k,100k" : "10k,100k,1m"))
      .map(parseSize)
      .sort((a, b) => a.payments - b.payments),
    parts: only === undefined ? PARTS : list(only).map(parsePart),
    routes: routesNamed(values.routes === undefined ? undefined : list(values.routes)),
    rounds: Math.round(positive("rounds", values.rounds ?? (quick ? "3" : "7"))),
    seconds: positive("seconds", values.seconds ?? (quick ? "0.5" : "2.5")),
    quick,
    fresh,
    name,
    dist,
    results: values.results ?? (isWhole ? "bench/results" : undefined),
    strict
  }
}
