import * as HttpApi from "@effect/platform/HttpApi"
import { Api } from "../Api.js"

/** The service's routes by template: paths match exactly, case and slashes count. */
export interface Route {
  readonly template: string
  readonly methods: ReadonlySet<string>
  /** The methods as the header `Allow` lists them. */
  readonly allow: string
  readonly segments: ReadonlyArray<string>
}

const SLASH = "/"

/** `/api/bots/:bot_id`, as the platform has it, as `/api/bots/{bot_id}`. */
export const templateOf = (path: string): string => path.replace(/:(\w+)/g, "{$1}")

/** Every route. */
export const routes: ReadonlyArray<Route> = (() => {
  const byTemplate = new Map<string, Set<string>>()
  const add = (path: string, method: string) => {
    const template = templateOf(path)
    const methods = byTemplate.get(template) ?? new Set()
    byTemplate.set(template, methods.add(method))
    if (method === "GET") methods.add("HEAD")
  }
  HttpApi.reflect(Api, { onGroup: () => {}, onEndpoint: ({ endpoint }) => add(endpoint.path, endpoint.method) })
  add("/openapi.json", "GET")
  add("/docs", "GET")
  return Array.from(byTemplate, ([template, methods]) => ({
    template,
    methods,
    allow: [...methods].join(", "),
    segments: template.split(SLASH)
  }))
})()

/** What the operator's probes and monitoring ask, again and again, and must get when the service is at its worst. */
const PROBES = new Set(["/healthz", "/readyz", "/metrics"])
export const isProbe = (route: Route | undefined): boolean => route !== undefined && PROBES.has(route.template)

const isParameter = (segment: string) => segment.startsWith("{")

const plain = new Map(
  routes.filter(({ segments }) => !segments.some(isParameter)).map((route) => [route.template, route])
)
const withParameters = routes.filter(({ segments }) => segments.some(isParameter))

/** The route that a path belongs to, whatever the method. */
export const matchRoute = (path: string): Route | undefined => {
  const known = plain.get(path)
  if (known !== undefined) return known
  const segments = path.split(SLASH)
  return withParameters.find(
    (route) =>
      route.segments.length === segments.length &&
      route.segments.every((segment, i) => (isParameter(segment) ? segments[i] !== "" : segment === segments[i]))
  )
}

/** What is no percent-encoding stands for itself: the parameter is wrong then, not the path unknown. */
const decode = (segment: string): string => {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

/** The parameters in a path of this route. */
export const parametersOf = ({ segments }: Route, path: string): Readonly<Record<string, string>> => {
  const given = path.split(SLASH)
  return Object.fromEntries(
    segments.flatMap((segment, i) => (isParameter(segment) ? [[segment.slice(1, -1), decode(given[i] ?? "")]] : []))
  )
}
