import { MEASURED_BOT } from "../fill/BaseRows.js"

/** One request, the same for each server. */
export interface Call {
  readonly method: "GET" | "POST"
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** Each request says that it comes for another client (`X-Forwarded-For`): logins are limited by address. */
  readonly eachFromElsewhere?: boolean
}

/** What calls are made of. */
export interface Caller {
  readonly token: string
  readonly initData: string
  /** The data's present. */
  readonly now: Date
}

export interface Route {
  readonly name: string
  readonly call: (caller: Caller) => Call
}

export const get = (path: string, { token }: Caller): Call => ({
  method: "GET",
  path,
  headers: { authorization: `Bearer ${token}` }
})

export const logIn = ({ initData }: Caller): Call => ({
  method: "POST",
  path: "/api/auth/telegram",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ init_data: initData }),
  eachFromElsewhere: true
})

/** The calendar day (UTC) that lies so many days before the data's present. */
export const daysBefore = (now: Date, days: number): string =>
  new Date(now.getTime() - days * 86_400_000).toISOString().slice(0, 10)

/** The query of the last `count` days. */
export const lastDays = (count: number, { now }: Caller): string =>
  `bot_id=${MEASURED_BOT}&start_date=${daysBefore(now, count - 1)}&end_date=${daysBefore(now, 0)}`

const bot = `bot_id=${MEASURED_BOT}`

/** What a dashboard asks for. Lists are asked for with the default limit of 100. */
export const ROUTES: ReadonlyArray<Route> = [
  { name: "bots", call: (caller) => get("/api/bots", caller) },
  {
    name: "bots-init-data",
    call: ({ initData }) => ({ method: "GET", path: "/api/bots", headers: { "x-telegram-init-data": initData } })
  },
  { name: "analytics-year", call: (caller) => get(`/api/analytics?${lastDays(365, caller)}`, caller) },
  { name: "analytics-month", call: (caller) => get(`/api/analytics?${lastDays(30, caller)}&tz=Europe/Moscow`, caller) },
  { name: "summary", call: (caller) => get(`/api/bots/${MEASURED_BOT}/summary`, caller) },
  { name: "users", call: (caller) => get(`/api/users?${bot}`, caller) },
  { name: "payments", call: (caller) => get(`/api/payments?${bot}`, caller) },
  { name: "payments-dates", call: (caller) => get(`/api/payments?${lastDays(30, caller)}&tz=Europe/Moscow`, caller) },
  { name: "subscriptions", call: (caller) => get(`/api/subscriptions?${bot}`, caller) },
  { name: "login", call: logIn }
]

/** The routes named, or those whose name begins with it: `bots` are `bots` and `bots-init-data`. */
export const routesNamed = (names: ReadonlyArray<string> | undefined): ReadonlyArray<Route> => {
  if (names === undefined) return ROUTES
  const isNamed =
    (name: string) =>
    ({ name: route }: Route) =>
      route === name || route.startsWith(`${name}-`)
  for (const name of names) {
    if (!ROUTES.some(isNamed(name))) {
      throw new Error(`There is no route "${name}"; there are ${ROUTES.map(({ name }) => name).join(", ")}`)
    }
  }
  return ROUTES.filter((route) => names.some((name) => isNamed(name)(route)))
}

/** The route whose requests say that they take these codings. */
export const asking =
  (accepted: string | undefined) =>
  ({ call, name }: Route): Route => ({
    name,
    call: (caller) => {
      const plain = call(caller)
      return accepted === undefined ? plain : { ...plain, headers: { ...plain.headers, "accept-encoding": accepted } }
    }
  })

/** Those that answer figures: the service has them kept. */
export const FIGURES = routesNamed(["analytics", "summary"])

/** Sends one call and reads the answer. */
export const send = async (url: string, { body, headers, method, path }: Call) => {
  const response = await fetch(url + path, { method, headers, ...(body === undefined ? {} : { body }) })
  const text = await response.text()
  return { status: response.status, text }
}
