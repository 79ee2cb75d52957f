import { HttpApi } from "@effect/platform"
import { Api } from "../Api.js"

/**
 * The service's routes by template, for what the platform's router does not tell: whether a path exists for another
 * method, and under which name a request is counted and logged. Paths match exactly: case and slashes count.
 */
export interface Route {
  readonly template: string
  readonly methods: ReadonlySet<string>
  /** The methods as the header `Allow` lists them. */
  readonly allow: string
}

const SLASH = "/"

interface Entry extends Route {
  readonly segments: ReadonlyArray<string>
}

const entries: ReadonlyArray<Entry> = (() => {
  const byTemplate = new Map<string, Set<string>>()
  const add = (path: string, method: string) => {
    const template = path.replace(/:(\w+)/g, "{$1}")
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

/** Every route, for tests that go through all of them. */
export const routes: ReadonlyArray<Route> = entries

/** What the operator's probes and monitoring ask, again and again, and must get when the service is at its worst. */
const PROBES = new Set(["/healthz", "/readyz", "/metrics"])
export const isProbe = (route: Route | undefined): boolean => route !== undefined && PROBES.has(route.template)

const isParameter = (segment: string) => segment.startsWith("{")

/** The route that a path belongs to, whatever the method. */
export const matchRoute = (pathname: string): Route | undefined => {
  const segments = pathname.split(SLASH)
  return entries.find(
    (entry) =>
      entry.segments.length === segments.length &&
      entry.segments.every((segment, i) => (isParameter(segment) ? segments[i] !== "" : segment === segments[i]))
  )
}

const decodes = (segment: string): boolean => {
  try {
    decodeURIComponent(segment)
    return true
  } catch {
    return false
  }
}

/**
 * The path with what is no percent-encoding, and with semicolons, taken literally: the router would call such a path
 * unknown, where a parameter of it is wrong.
 */
export const escapeGarbage = (pathname: string): string =>
  /[%;]/.test(pathname)
    ? pathname
        .split(SLASH)
        .map((segment) => (decodes(segment) ? segment.replaceAll(";", "%3B") : encodeURIComponent(segment)))
        .join(SLASH)
    : pathname
