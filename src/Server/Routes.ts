import * as HttpApi from "@effect/platform/HttpApi"
import type * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as Context from "effect/Context"
import * as Option from "effect/Option"
import { Compression } from "../Response/Compression.js"

/** The routes of an Api by template: what `Allow` says, what a request is called in log, metrics and spans. */

export interface Route {
  /** `/api/bots/{bot_id}`, as OpenAPI writes it. */
  readonly template: string
  readonly methods: ReadonlySet<string>
  /** The methods as the header `Allow` lists them. */
  readonly allow: string
  /** By method. */
  readonly compression: ReadonlyMap<string, Compression>
}

export interface Routes {
  readonly all: ReadonlyArray<Route>
  readonly of: (template: string | undefined) => Route | undefined
  /** The route that a path belongs to, whatever the method. Paths match exactly: case, slashes and encoding count. */
  readonly match: (path: string) => Route | undefined
}

/** Where the Api's own documentation is, and what leads there (src/Server/Docs/Docs.ts). */
export const DOCUMENT_PATH = "/openapi.json"
export const DOCS_PATH = "/docs"
export const ENTRANCE_PATH = "/"

/** How people write the path of the page too: it is answered as the page is, and called so. */
export const DOCS_ALIAS = `${DOCS_PATH}/` as const
const ALIASES: ReadonlyMap<string, string> = new Map([[DOCS_ALIAS, DOCS_PATH]])

/** `/api/bots/:bot_id`, as the platform has it, as `/api/bots/{bot_id}`. */
const templateOf = (path: string): string => path.replace(/:(\w+)/g, "{$1}")

const isPlain = ({ template }: Route) => !template.includes("{")

/** Templates consist of words and whole parameters. Anything else, such as a wildcard, has to be taught here first. */
const patternOf = ({ template }: Route): RegExp => {
  if (!/^(\/([\w.-]+|\{\w+\}))*\/?$/.test(template)) throw new Error(`No pattern for the route ${template}`)
  return new RegExp(`^${template.replaceAll(".", "\\.").replace(/\{\w+\}/g, "[^/]+")}$`)
}

export const routesOf = <Id extends string, Groups extends HttpApiGroup.HttpApiGroup.Any, E, R>(
  api: HttpApi.HttpApi<Id, Groups, E, R>
): Routes => {
  const known = new Map<string, Map<string, Compression>>()
  const add = (path: string, method: string, compression: Compression = "free") => {
    const template = templateOf(path)
    const methods = known.get(template) ?? new Map()
    known.set(template, methods.set(method, compression))
    if (method === "GET") methods.set("HEAD", compression)
  }
  HttpApi.reflect(api, {
    onGroup: () => {},
    onEndpoint: ({ endpoint, mergedAnnotations }) =>
      add(endpoint.path, endpoint.method, Option.getOrUndefined(Context.getOption(mergedAnnotations, Compression)))
  })
  for (const path of [DOCUMENT_PATH, DOCS_PATH, ENTRANCE_PATH]) add(path, "GET")

  const all = Array.from(known, ([template, compression]): Route => {
    const methods = new Set(compression.keys())
    return { template, methods, allow: [...methods].join(", "), compression }
  })
  const byTemplate = new Map<string | undefined, Route>(all.map((route) => [route.template, route]))
  const plain = new Map(all.filter(isPlain).map((route) => [route.template, route]))
  const patterns = all.filter((route) => !isPlain(route)).map((route) => [patternOf(route), route] as const)
  return {
    all,
    of: (template) => byTemplate.get(template),
    match: (path) => plain.get(ALIASES.get(path) ?? path) ?? patterns.find(([pattern]) => pattern.test(path))?.[1]
  }
}

/** What the operator's probes and monitoring ask, again and again, and must get when the service is at its worst. */
const PROBES = new Set(["/healthz", "/readyz", "/metrics"])
export const isProbe = (template: string | undefined): boolean => template !== undefined && PROBES.has(template)
