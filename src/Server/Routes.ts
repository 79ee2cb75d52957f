import * as HttpApi from "@effect/platform/HttpApi"
import type * as HttpApiGroup from "@effect/platform/HttpApiGroup"

/** The routes of an Api by template: what `Allow` says, what a request is called in log, metrics and spans. */

export interface Route {
  /** `/api/bots/{bot_id}`, as OpenAPI writes it. */
  readonly template: string
  readonly methods: ReadonlySet<string>
  /** The methods as the header `Allow` lists them. */
  readonly allow: string
}

export interface Routes {
  readonly all: ReadonlyArray<Route>
  readonly of: (template: string | undefined) => Route | undefined
  /** The route that a path belongs to, whatever the method. Paths match exactly: case, slashes and encoding count. */
  readonly match: (path: string) => Route | undefined
}

/** Where the Api's own documentation is (src/Server/Docs/Docs.ts). */
export const DOCUMENT_PATH = "/openapi.json"
export const DOCS_PATH = "/docs"

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
  const methods = new Map<string, Set<string>>()
  const add = (path: string, method: string) => {
    const template = templateOf(path)
    const known = methods.get(template) ?? new Set()
    methods.set(template, known.add(method))
    if (method === "GET") known.add("HEAD")
  }
  HttpApi.reflect(api, { onGroup: () => {}, onEndpoint: ({ endpoint }) => add(endpoint.path, endpoint.method) })
  add(DOCUMENT_PATH, "GET")
  add(DOCS_PATH, "GET")

  const all = Array.from(methods, ([template, methods]) => ({ template, methods, allow: [...methods].join(", ") }))
  const byTemplate = new Map<string | undefined, Route>(all.map((route) => [route.template, route]))
  const plain = new Map(all.filter(isPlain).map((route) => [route.template, route]))
  const patterns = all.filter((route) => !isPlain(route)).map((route) => [patternOf(route), route] as const)
  return {
    all,
    of: (template) => byTemplate.get(template),
    match: (path) => plain.get(path) ?? patterns.find(([pattern]) => pattern.test(path))?.[1]
  }
}

/** What the operator's probes and monitoring ask, again and again, and must get when the service is at its worst. */
const PROBES = new Set(["/healthz", "/readyz", "/metrics"])
export const isProbe = (template: string | undefined): boolean => template !== undefined && PROBES.has(template)
