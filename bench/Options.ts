import { parseArgs } from "node:util"
import { asking, type Route, routesNamed } from "./measure/Calls.js"
import { parseSize, type Size } from "./Sizes.js"

export const usage = `Usage: npm run bench -- [options]

Compares this service with a plain Fastify + mysql2 server and with a floor, on a private MySQL server.

  --quick            smaller sizes and shorter rounds: a smoke run of about three minutes
  --sizes LIST       payments of the measured bot: 10k,100k,1m by default; 10m takes a while to fill
  --only LIST        of throughput, growth, start, build, writers, big, against
  --against DIST     measures the service beside another build of it, in the folder DIST that the other commit's
                     tools/build.mjs made: this alone, unless --only says more
  --routes LIST      routes by name or by the start of it: bots,users
  --accept-encoding CODINGS
                     what requests say of compression, such as gzip or br; nothing by default: bodies come as they are
  --rounds N         rounds of each measurement (7; --quick: 3)
  --seconds N        about so long a round of throughput or writing takes (2.5; --quick: 0.5)
  --fresh            fills the databases anew
  --name NAME        the data folder's name, "bench" by default: two runs at once need two
  --dist FOLDER      measures the service built there, instead of building this tree's
  --results FOLDER   writes results.json and growth.svg there (bench/results; with --quick, or of a part: nowhere)
  --strict           exit code 1 when a target is missed
`

/** What a run measures where nothing else is said. */
const PARTS = ["throughput", "growth", "start", "build", "writers", "big"] as const
/** What wants another build of the service. */
const AGAINST = "against"
const ALL_PARTS = [...PARTS, AGAINST] as const
export type Part = (typeof ALL_PARTS)[number]

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
  /** Another build of the service. */
  readonly against: string | undefined
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
  const part = ALL_PARTS.find((known) => known === text)
  if (part === undefined) throw new Error(`--only knows ${ALL_PARTS.join(", ")}`)
  return part
}

const partsOf = (only: string | undefined, against: string | undefined): ReadonlyArray<Part> => {
  if (only === undefined) return against === undefined ? PARTS : [AGAINST]
  const parts = list(only).map(parsePart)
  if (parts.includes(AGAINST) && against === undefined) throw new Error("--only against wants --against DIST")
  return parts
}

const defaultSizes = (parts: ReadonlyArray<Part>, quick: boolean): string => {
  if (parts.every((part) => part === AGAINST)) return quick ? "10k" : "100k"
  return quick ? "10k,100k" : "10k,100k,1m"
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
      "accept-encoding": { type: "string" },
      rounds: { type: "string" },
      seconds: { type: "string" },
      fresh: { type: "boolean", default: false },
      name: { type: "string", default: "bench" },
      dist: { type: "string" },
      against: { type: "string" },
      results: { type: "string" },
      strict: { type: "boolean", default: false },
      help: { type: "boolean", default: false }
    }
  })
  if (values.help) return undefined
  const { against, dist, fresh, name, only, quick, strict } = values
  const parts = partsOf(only, against)
  const accepted = values["accept-encoding"]
  const isWhole = !quick && parts === PARTS && values.routes === undefined && accepted === undefined
  return {
    sizes: list(values.sizes ?? defaultSizes(parts, quick))
      .map(parseSize)
      .sort((a, b) => a.payments - b.payments),
    parts,
    routes: routesNamed(values.routes === undefined ? undefined : list(values.routes)).map(asking(accepted)),
    rounds: Math.round(positive("rounds", values.rounds ?? (quick ? "3" : "7"))),
    seconds: positive("seconds", values.seconds ?? (quick ? "0.5" : "2.5")),
    quick,
    fresh,
    name,
    dist,
    against,
    results: values.results ?? (isWhole ? "bench/results" : undefined),
    strict
  }
}
